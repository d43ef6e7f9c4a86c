package dev.interlock.facts;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How long a failing side asks to be left alone, in each of the forms that providers send. What cannot be read whole is
 * none: a wait is never guessed from half a value. A wait of nothing, or until a moment that has passed, is none either.
 * Stateless and safe for use by any thread.
 *
 * <p>Sources: RFC 9110, sections 5.6.7 (three forms of a date) and 10.2.3 (Retry-After); the headers of the providers
 * as their pages describe them.
 */
public final class RetryAfter {
    /** What a longer wait is cut to, in seconds: some 31 years. */
    public static final long LONGEST_SECONDS = 999_999_999;

    private static final List<String> IN_MILLIS = List.of("retry-after-ms", "x-ms-retry-after-ms");

    /** Names of what remains of a limit and of when it is filled again; the second counts where the first is 0. */
    private static final List<String[]> LIMITS = List.of(
            limit("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
            limit("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
            limit("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
            limit("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
            limit("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
            limit("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
            limit("ratelimit-remaining", "ratelimit-reset"));

    private RetryAfter() {}

    /**
     * Reads the headers of an answer: milliseconds first, then {@code Retry-After}, then the longest reset of those
     * limits of which nothing remains.
     *
     * @param headers a header's value by its name in lower case, or null where there is none
     * @param now the wall clock's time, against which a date is calculated
     * @return the wait from now on, longer than zero, or null for none
     */
    public static @Nullable Duration ofHeaders(Function<String, @Nullable String> headers, Instant now) {
        for (String name : IN_MILLIS) {
            Duration wait = ofMillis(headers.apply(name));
            if (wait != null) {
                return wait;
            }
        }
        Duration wait = ofHeader(headers.apply("retry-after"), now);
        return wait != null ? wait : ofLimits(headers, now);
    }

    /**
     * Reads the value of a {@code Retry-After} header: seconds, with decimals or not, or a date in one of the three forms
     * of RFC 9110.
     *
     * @param value the header's value, or null
     * @param now the wall clock's time, against which a date is calculated
     * @return the wait from now on, longer than zero, or null for none
     */
    public static @Nullable Duration ofHeader(@Nullable String value, Instant now) {
        if (value == null) {
            return null;
        }
        String text = value.strip();
        Duration seconds = decimal(text, 1_000_000_000L);
        return seconds != null ? positive(seconds) : until(HttpDate.parse(text, now), now);
    }

    /**
     * Reads milliseconds, as {@code retry-after-ms} has them.
     *
     * @param value the header's value, or null
     * @return the wait, longer than zero, or null for none
     */
    public static @Nullable Duration ofMillis(@Nullable String value) {
        Duration millis = value == null ? null : decimal(value.strip(), 1_000_000L);
        return millis == null ? null : positive(millis);
    }

    /**
     * Reads what a message says: "Please try again in 20.5s", "retry after 6m0s", "retry in 20 seconds".
     *
     * @param text a message or a body, of which the first 8 Ki characters are read
     * @return the first wait that it names, longer than zero, or null for none
     */
    public static @Nullable Duration ofText(CharSequence text) {
        String lower = text.subSequence(0, Math.min(text.length(), ErrorMarks.LONGEST))
                .toString()
                .toLowerCase(Locale.ROOT);
        for (String phrase : List.of("try again in ", "try again after ", "retry in ", "retry after ")) {
            for (int at = lower.indexOf(phrase); at >= 0; at = lower.indexOf(phrase, at + 1)) {
                Duration wait = SpokenDuration.at(lower, at + phrase.length());
                if (wait != null && !wait.isZero()) {
                    return capped(wait);
                }
            }
        }
        return null;
    }

    private static @Nullable Duration ofLimits(Function<String, @Nullable String> headers, Instant now) {
        Duration longest = null;
        for (String[] limit : LIMITS) {
            String remaining = headers.apply(limit[0]);
            if (remaining != null && remaining.strip().equals("0")) {
                Duration wait = ofReset(headers.apply(limit[1]), now);
                if (wait != null && (longest == null || wait.compareTo(longest) > 0)) {
                    longest = wait;
                }
            }
        }
        return longest;
    }

    /** A reset is a number of seconds, a time with units, or a moment by RFC 3339. */
    private static @Nullable Duration ofReset(@Nullable String value, Instant now) {
        if (value == null) {
            return null;
        }
        String text = value.strip();
        Duration spoken = SpokenDuration.whole(text.toLowerCase(Locale.ROOT));
        if (spoken != null) {
            return positive(capped(spoken));
        }
        Duration seconds = decimal(text, 1_000_000_000L);
        if (seconds != null) {
            return positive(seconds);
        }
        try {
            return until(Instant.parse(text), now);
        } catch (DateTimeException unreadable) {
            return null;
        }
    }

    /** Digits, and decimals behind a point; the value is capped, not its length. */
    private static @Nullable Duration decimal(String text, long nanosPerUnit) {
        int point = text.indexOf('.');
        String whole = point < 0 ? text : text.substring(0, point);
        String decimals = point < 0 ? "" : text.substring(point + 1);
        if (!isDigits(whole) || point >= 0 && !isDigits(decimals)) {
            return null;
        }
        String significant = whole.replaceFirst("^0+(?=.)", "");
        long longest = LONGEST_SECONDS * (1_000_000_000L / nanosPerUnit);
        long units = significant.length() > 18 ? longest : Math.min(longest, Long.parseLong(significant));
        String nine = (decimals + "000000000").substring(0, 9);
        long part = Long.parseLong(nine) * nanosPerUnit / 1_000_000_000L;
        return capped(Duration.ofNanos(units * nanosPerUnit + part));
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static @Nullable Duration until(@Nullable Instant end, Instant now) {
        return end == null || !end.isAfter(now) ? null : capped(Duration.between(now, end));
    }

    private static @Nullable Duration positive(Duration wait) {
        return wait.isZero() ? null : wait;
    }

    private static Duration capped(Duration wait) {
        return wait.toSeconds() >= LONGEST_SECONDS ? Duration.ofSeconds(LONGEST_SECONDS) : wait;
    }

    private static String[] limit(String remaining, String reset) {
        return new String[] {remaining, reset};
    }
}
