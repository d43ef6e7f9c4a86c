package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.ConfigBuilder;
import dev.interlock.FailureKind;
import dev.interlock.Treatment;
import dev.interlock.Window;
import dev.interlock.settings.PolicySettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The policies that a replay knows by name, and those of files. */
public final class Policies {
    /** Those that are compared where nobody says which. */
    static final List<String> USUAL = List.of("default", "recommended", "upstream");

    private static final Duration AS_LONG_AS_IT_TAKES = Duration.ofDays(365);

    /** A policy of the house or of a peer. */
    private enum BuiltIn {
        DEFAULT("the specification's: streak 5 or half of at least 10 calls in 60 s; 60 s"),
        RECOMMENDED("an agent alone: streak 3 or half of the last 20 calls; 60 s x 2 to 240 s, jitter"),
        RECOMMENDED_PROBE("as recommended, for circuits with a probe: cooldown and interval 30 s"),
        UPSTREAM("a shared model, tool or key: streak 5 or half of the last 20; 60 s x 2 to 120 s"),
        UPSTREAM_PROBE("as upstream, for circuits with a probe: cooldown and interval 15 s"),
        ATTEMPTS("inside a retry loop: streak 8, or 0.7 of the last 20 calls; 60 s x 2 up to 240 s"),
        RESILIENCE4J(
                "half of the last 100; 60 s. Differs: half-open by rate, ours by 6 successes",
                "nearest to its defaults. It judges half-open by the rate of 10 calls; ours closes",
                "at the 6th success, when its verdict would be certain, and opens at the first failure. All kinds",
                "count but CANCELLED. Its slow-call rule (trips when all of 100 calls take 60 s) is left out."),
        LITELLM(
                "over half of >= 5 calls in 60 s; 5 s. Differs: no half-open, ours by 1 success",
                "nearest to its router's cooldowns. It counts by the minute of the clock and has no",
                "half-open; ours looks back 60 s, then one success closes and one failure opens. Ours compares a",
                "rate with >=, so over half is the next number above 0.5. A 401, 402, 404 or 429 trips at once.");

        private final String words;
        private final String differences;

        BuiltIn(String words, String... differences) {
            this.words = words;
            this.differences = String.join("\n", differences);
        }

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '+');
        }
    }

    private Policies() {}

    /**
     * The built-in policies.
     *
     * @return a line each that begins with the name; that of a peer's policy says what differs
     */
    public static List<String> describe() {
        List<String> lines = new ArrayList<>();
        for (BuiltIn policy : BuiltIn.values()) {
            lines.add(String.format(Locale.ROOT, "%-17s %s", policy.word(), policy.words));
        }
        return lines;
    }

    /**
     * A policy by its name, or else from a YAML file.
     *
     * @param nameOrFile a built-in policy's name, or a file
     * @return the settings, or null if it is neither
     * @throws ReplayException if the file cannot be read or says something wrong
     */
    public static @Nullable CircuitBreakerConfig find(String nameOrFile) throws ReplayException {
        CircuitBreakerConfig builtIn = builtIn(nameOrFile);
        if (builtIn != null) {
            return builtIn;
        }
        try {
            Path file = Path.of(nameOrFile);
            return !nameOrFile.isBlank() && Files.exists(file) ? PolicyFile.read(file) : null;
        } catch (InvalidPathException noPath) {
            return null;
        }
    }

    /** What of a peer's policy our circuits cannot do, as lines; of ours there is none. */
    static List<String> differences(String name) {
        for (BuiltIn policy : BuiltIn.values()) {
            if (policy.word().equals(name) && !policy.differences.isEmpty()) {
                List<String> lines = new ArrayList<>(policy.differences.lines().toList());
                lines.set(0, name + ": " + lines.get(0));
                return lines;
            }
        }
        return List.of();
    }

    static @Nullable CircuitBreakerConfig builtIn(String name) {
        return switch (name) {
            case "resilience4j" -> resilience4j();
            case "litellm" -> litellm();
            default -> PolicySettings.builtIn(name);
        };
    }

    /** After CircuitBreakerConfig.ofDefaults() of Resilience4j 2.4.0. */
    private static CircuitBreakerConfig resilience4j() {
        ConfigBuilder builder = CircuitBreakerConfig.builder()
                .failureThreshold(null)
                .failureRateThreshold(0.5)
                .window(Window.ofCalls(100))
                .minRequestsForRate(100)
                .cooldown(Duration.ofSeconds(60))
                .halfOpenMaxRequests(10)
                .successThreshold(6) // with six good ones of ten its verdict is certain
                .trialTimeout(AS_LONG_AS_IT_TAKES);
        Arrays.stream(FailureKind.values())
                .filter(kind -> kind != FailureKind.CANCELLED)
                .forEach(kind -> builder.failureKind(kind, Treatment.COUNT));
        return builder.build();
    }

    /** After the router's cooldowns of LiteLLM, of a model group with more than one deployment. */
    private static CircuitBreakerConfig litellm() {
        return CircuitBreakerConfig.builder()
                .failureThreshold(null)
                .failureRateThreshold(Math.nextUp(0.5))
                .window(Window.ofTime(Duration.ofMinutes(1)))
                .minRequestsForRate(5)
                .cooldown(Duration.ofSeconds(5))
                .halfOpenMaxRequests(1_000)
                .successThreshold(1)
                .failureKind(FailureKind.RATE_LIMITED, Treatment.TRIP)
                .build();
    }

    /** Names to settings, in order. */
    static Map<String, CircuitBreakerConfig> usual() {
        Map<String, CircuitBreakerConfig> policies = new LinkedHashMap<>();
        for (String name : USUAL) {
            CircuitBreakerConfig config = builtIn(name);
            if (config != null) {
                policies.put(name, config);
            }
        }
        return policies;
    }
}
