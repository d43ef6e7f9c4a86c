package dev.interlock;

import java.time.Duration;

/** Durations as nanoseconds that cannot overflow, wherever they come from. */
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
}
