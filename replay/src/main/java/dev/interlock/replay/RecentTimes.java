package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import java.time.Duration;

/**
 * When the latest bad outcomes of a circuit counted: as far back as its streak and its window can reach, and no
 * further. A ring that grows with them.
 */
final class RecentTimes {
    /** An outcome counts for at most a tenth longer than the window; a little more does no harm. */
    private static final double WINDOW_STRETCH = 1.2;

    private final int streak;
    private final int calls;
    private final long span;

    private long[] ring = new long[8];
    private int first;
    private int size;

    RecentTimes(CircuitBreakerConfig config) {
        Integer threshold = config.failureThreshold();
        streak = threshold == null ? 0 : threshold;
        Duration time = config.window().time();
        calls = config.window().calls();
        span = time == null ? 0 : (long) (time.toNanos() * WINDOW_STRETCH);
    }

    void add(long now) {
        while (size > Math.max(streak, calls) && ring[first] < now - span) {
            first = (first + 1) % ring.length;
            size--;
        }
        if (size == ring.length) {
            grow();
        }
        ring[(first + size) % ring.length] = now;
        size++;
    }

    void clear() {
        size = 0;
    }

    /** The time this many places back, 1 being the latest; the earliest known if there are fewer. */
    long back(int places) {
        return ring[(first + size - Math.min(places, size)) % ring.length];
    }

    boolean isEmpty() {
        return size == 0;
    }

    private void grow() {
        long[] bigger = new long[size * 2];
        for (int i = 0; i < size; i++) {
            bigger[i] = ring[(first + i) % size];
        }
        ring = bigger;
        first = 0;
    }
}
