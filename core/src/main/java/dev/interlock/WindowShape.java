package dev.interlock;

import java.time.Duration;

/**
 * What decides whether two policies can share a window: its extent, and whether slow calls are counted as well.
 *
 * <p>For a window of time it holds the arithmetic of the ring. A ring has {@link #SLOTS} buckets that together cover
 * one <em>cycle</em>; the bucket of the present and the 11 before it count. With a bucket of width w an outcome thus
 * counts for 11 w to 12 w, and w is chosen so that this lies between the window and a tenth more, with room on both
 * sides for the coarse clock's lag.
 */
final class WindowShape {
    static final int SLOTS = 12;

    /** Width of a bucket as a share of the window: a little over 1/11, so that 12 of them stay under 1.1. */
    private static final double WIDTH = 1.0 / 11 + 0.0004;

    /** From here on 1/250 of the window is four periods of the coarse clock. */
    private static final Duration COARSE_FROM = Duration.ofSeconds(10);

    /** How long a caller counts where the last calls do. */
    private static final Duration CALLERS = Duration.ofMinutes(10);

    private static final int CALLER_PARTS = 5;

    final Window window;

    /** Whether slow calls are counted as well. */
    final boolean slow;

    private final boolean coarse;
    private final long cyclesPerTick;
    private final long partsPerTick;

    WindowShape(Window window, boolean slow) {
        this.window = window;
        this.slow = slow;
        Duration time = window.time();
        partsPerTick = (long) (0x1p64 / (time == null ? CALLERS : time).toNanos() * CALLER_PARTS);
        if (time == null) {
            coarse = true; // no clock is needed at all; reading the cheap one is as good as none
            cyclesPerTick = 0;
        } else {
            coarse = time.compareTo(COARSE_FROM) >= 0;
            cyclesPerTick = (long) (0x1p64 / (time.toNanos() * WIDTH * SLOTS));
        }
    }

    /** The number of the part that a tick lies in, where callers are remembered: a fifth of the time that they count. */
    long part(long tick) {
        return Math.multiplyHigh(tick, partsPerTick);
    }

    /** The number of the cycle that a tick lies in. */
    long cycle(long tick) {
        return Math.multiplyHigh(tick, cyclesPerTick);
    }

    /**
     * The bucket within its cycle, 0 to 11: the fraction that {@link #cycle} cut off, times 12. Both are
     * multiplications, since a division would cost more than the rest of a healthy call.
     */
    int slot(long tick) {
        long fraction = tick * cyclesPerTick;
        return (int) Math.multiplyHigh(fraction >>> 1, 2L * SLOTS);
    }

    /** The time that the window's buckets go by. */
    long now(TimeSource time) {
        return coarse ? time.coarseTicks() : time.ticks();
    }

    /** As {@link #now(TimeSource)}, where the coarse clock has been read already. */
    long now(TimeSource time, long coarseNow) {
        return coarse ? coarseNow : time.ticks();
    }

    boolean sameAs(WindowShape other) {
        return window.equals(other.window) && slow == other.slow;
    }
}
