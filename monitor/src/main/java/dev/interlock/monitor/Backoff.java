package dev.interlock.monitor;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** How long to wait before a batch is sent again: doubling from half a second to half a minute, half of it random. */
final class Backoff {
    static final long FIRST = TimeUnit.MILLISECONDS.toNanos(500);
    static final long LONGEST = TimeUnit.SECONDS.toNanos(30);
    static final long LONGEST_ASKED = TimeUnit.MINUTES.toNanos(10);

    private final DoubleSupplier lot;
    private long next = FIRST;

    /** The lot is from 0 to 1. */
    Backoff(DoubleSupplier lot) {
        this.lot = lot;
    }

    /** Nanoseconds to wait; where the sink asked for a time, at least that, at most 20 % more, and at most ten minutes. */
    long next(@Nullable Duration retryAfter) {
        long own = (long) (next * (0.5 + 0.5 * lot.getAsDouble()));
        next = Math.min(next * 2, LONGEST);
        if (retryAfter == null) {
            return own;
        }
        long asked = retryAfter.compareTo(Duration.ofNanos(LONGEST_ASKED)) > 0 ? LONGEST_ASKED : retryAfter.toNanos();
        return (long) (asked * (1 + 0.2 * lot.getAsDouble()));
    }

    void reset() {
        next = FIRST;
    }
}
