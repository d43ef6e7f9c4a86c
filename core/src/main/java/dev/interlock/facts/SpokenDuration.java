package dev.interlock.facts;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Times as messages name them: {@code 456ms}, {@code 7s}, {@code 1m12.5s}, {@code 20 seconds}; in lower case. */
final class SpokenDuration {
    private static final long SECOND = 1_000_000_000L;

    /** Programs print times with all the digits that they have. */
    private static final int LONGEST_NUMBER = 40;

    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("ms", 1_000_000L),
            Map.entry("milliseconds", 1_000_000L),
            Map.entry("s", SECOND),
            Map.entry("sec", SECOND),
            Map.entry("secs", SECOND),
            Map.entry("second", SECOND),
            Map.entry("seconds", SECOND),
            Map.entry("m", 60 * SECOND),
            Map.entry("min", 60 * SECOND),
            Map.entry("mins", 60 * SECOND),
            Map.entry("minute", 60 * SECOND),
            Map.entry("minutes", 60 * SECOND),
            Map.entry("h", 3_600 * SECOND),
            Map.entry("hr", 3_600 * SECOND),
            Map.entry("hrs", 3_600 * SECOND),
            Map.entry("hour", 3_600 * SECOND),
            Map.entry("hours", 3_600 * SECOND),
            Map.entry("d", 86_400 * SECOND),
            Map.entry("day", 86_400 * SECOND),
            Map.entry("days", 86_400 * SECOND));

    private final String text;
    private int at;

    private SpokenDuration(String text, int at) {
        this.text = text;
        this.at = at;
    }

    /** The time that begins at a place of a text; null if none does. */
    static @Nullable Duration at(String text, int place) {
        return new SpokenDuration(text, place).read();
    }

    /** The time that a text is; null if it is none, or has more to it. */
    static @Nullable Duration whole(String text) {
        SpokenDuration reader = new SpokenDuration(text, 0);
        Duration time = reader.read();
        return reader.at == text.length() ? time : null;
    }

    private @Nullable Duration read() {
        Duration sum = null;
        while (true) {
            int before = at;
            Duration part = part();
            if (part == null) {
                at = before;
                return sum;
            }
            sum = sum == null ? part : sum.plus(part);
        }
    }

    private @Nullable Duration part() {
        String number = run(false);
        if (number.isEmpty() || number.length() > LONGEST_NUMBER) {
            return null;
        }
        if (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        Long unit = UNITS.get(run(true));
        if (unit == null || number.startsWith(".") || number.indexOf('.') != number.lastIndexOf('.')) {
            return null;
        }
        BigDecimal nanos = new BigDecimal(number).multiply(BigDecimal.valueOf(unit));
        long most = RetryAfter.LONGEST_SECONDS;
        return nanos.compareTo(BigDecimal.valueOf(most).multiply(BigDecimal.valueOf(SECOND))) >= 0
                ? Duration.ofSeconds(most)
                : Duration.ofNanos(nanos.longValue());
    }

    /** The letters, or the digits with their points, from here on; a point that ends a sentence is left. */
    private String run(boolean letters) {
        int begin = at;
        while (at < text.length() && isPart(text.charAt(at), letters)) {
            at++;
        }
        return text.substring(begin, at);
    }

    private boolean isPart(char each, boolean letters) {
        if (letters) {
            return each >= 'a' && each <= 'z';
        }
        boolean digit = each >= '0' && each <= '9';
        return digit || each == '.' && at + 1 < text.length() && Character.isDigit(text.charAt(at + 1));
    }
}
