package dev.interlock.facts;

import dev.interlock.InvalidSettingsException;
import dev.interlock.NamePattern;
import dev.interlock.checks.Fuzzed;
import dev.interlock.settings.PolicySettings;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What core reads of what others write: no text breaks it, and no wait is negative or beyond all bounds. */
public class ParsersFuzzTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Map<String, Fuzzed> PARSERS = new TreeMap<>(Map.of(
            "retry-after",
            new Fuzzed(
                    in -> check(RetryAfter.ofHeader(text(in), NOW)),
                    "120",
                    "1.5",
                    "Thu, 01 Jan 2026 12:00:30 GMT",
                    "Thursday, 01-Jan-26 12:00:30 GMT",
                    "Thu Jan  1 12:00:30 2026"),
            "retry-after-ms",
            new Fuzzed(in -> check(RetryAfter.ofMillis(text(in))), "1500", "0.5", "1e9"),
            "spoken-wait",
            new Fuzzed(
                    in -> check(RetryAfter.ofText(text(in))),
                    "Rate limit reached. Please try again in 6m0.5s.",
                    "retry after 30 seconds",
                    "\"retryDelay\": \"34.07s\""),
            "rate-limit-headers",
            new Fuzzed(
                    ParsersFuzzTest::headers,
                    "x-ratelimit-remaining-requests=0\nx-ratelimit-reset-requests=1m30s\nretry-after-ms=20",
                    "anthropic-ratelimit-requests-remaining=0\nanthropic-ratelimit-requests-reset=2026-01-01T12:01:00Z",
                    "x-ratelimit-remaining=0\nx-ratelimit-reset=1767268860"),
            "durations",
            new Fuzzed(
                    in -> settings("cooldown", text(in)), "30s", "500ms", "2 h", "PT1M", "-5s", "999999999999999999d"),
            "settings",
            new Fuzzed(
                    ParsersFuzzTest::pairs,
                    "failure_threshold=5\ncooldown=30s\nwindow=20 calls",
                    "base=upstream\nfailure_rate_threshold=0.5\nmin_callers=3\nmode=observe",
                    "cooldown_ms=9223372036854775807\ntrial_timeout=106751991167d\nscope=shared"),
            "name-patterns",
            new Fuzzed(ParsersFuzzTest::pattern, "model:*", "a*b*c\nabc", "*\n\ud83d\ude00")));

    @TestFactory
    Stream<DynamicTest> seeds_and_what_is_like_them() {
        return Fuzzed.tests(PARSERS);
    }

    /** Jazzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Fuzzed.read(PARSERS, input);
    }

    private static void check(java.time.@org.jspecify.annotations.Nullable Duration wait) {
        if (wait != null && (wait.isNegative() || wait.isZero() || wait.getSeconds() > RetryAfter.LONGEST_SECONDS)) {
            throw new AssertionError("a wait of " + wait);
        }
    }

    private static void headers(byte[] input) {
        Map<String, String> headers = new HashMap<>();
        for (String line : text(input).split("\n")) {
            int at = line.indexOf('=');
            headers.put(at < 0 ? "retry-after" : line.substring(0, at), line.substring(at + 1));
        }
        check(RetryAfter.ofHeaders(headers::get, NOW));
    }

    private static void settings(String name, Object value) {
        try {
            PolicySettings.read(Map.of(name, value));
        } catch (InvalidSettingsException said) {
            if (said.problems().isEmpty()) {
                throw new AssertionError("nothing is said", said);
            }
        }
    }

    private static void pairs(byte[] input) {
        Map<String, Object> settings = new HashMap<>();
        for (String line : text(input).split("\n")) {
            int at = line.indexOf('=');
            String value = line.substring(at + 1);
            settings.put(at < 0 ? line : line.substring(0, at), number(value));
        }
        try {
            PolicySettings.read(settings);
        } catch (InvalidSettingsException said) {
            if (said.problems().isEmpty()) {
                throw new AssertionError("nothing is said", said);
            }
        }
    }

    private static Object number(String text) {
        try {
            return text.contains(".") ? (Object) Double.valueOf(text) : Long.valueOf(text);
        } catch (NumberFormatException word) {
            return text;
        }
    }

    private static void pattern(byte[] input) {
        String[] both = text(input).split("\n", 2);
        try {
            new NamePattern(both[0]).matches(both.length > 1 ? both[1] : both[0]);
        } catch (IllegalArgumentException said) {
            if (said.getMessage() == null) {
                throw said;
            }
        }
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }
}
