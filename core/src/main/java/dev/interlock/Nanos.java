package dev.interlock;

import java.time.Duration;

/** Durations as nanoseconds that cannot overflow, wherever they come from, and as people write them. */
final class Nanos {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

    private Nanos() {}

    /** At most 73 years in either direction, which leaves room for sums. */
    static long of(Duration duration) {
        if (duration.compareTo(LONGEST) >= 0) {
            return LONGEST.toNanos();
        }
        return duration.compareTo(LONGEST.negated()) <= 0 ? -LONGEST.toNanos() : duration.toNanos();
    }

    /** As settings are written: a whole number of the largest unit that fits, such as {@code 90s}; else ISO 8601. */
    @SuppressWarnings("JavaDurationGetSecondsGetNano") // what is below a second
    static String text(Duration duration) {
        if (duration.isNegative() || duration.getNano() % 1_000_000 != 0) {
            return duration.toString();
        }
        if (duration.getNano() != 0) {
            return duration.toMillis() + "ms";
        }
        long seconds = duration.toSeconds();
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3_600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86_400 != 0 ? seconds / 3_600 + "h" : seconds / 86_400 + "d";
    }
}
