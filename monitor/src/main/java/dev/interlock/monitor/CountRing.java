package dev.interlock.monitor;

import java.util.Arrays;

/**
 * Calls and failures of a rolling window, in slices of a tenth of it: each counts for at least the window and at most a
 * tenth longer. For one thread at a time.
 */
final class CountRing {
    static final int SLICES = 11;

    private final long sliceNanos;
    private final long[] numbers = new long[SLICES];
    private final int[] calls = new int[SLICES];
    private final int[] failures = new int[SLICES];

    CountRing(long windowNanos) {
        sliceNanos = windowNanos / (SLICES - 1);
        Arrays.fill(numbers, Long.MIN_VALUE);
    }

    /** Counts calls that ended at a tick; what is too old for the window is dropped. */
    void add(long tick, boolean failed, int count) {
        long number = Math.floorDiv(tick, sliceNanos);
        int slot = Math.floorMod(number, SLICES);
        if (numbers[slot] > number) {
            return;
        }
        if (numbers[slot] < number) {
            numbers[slot] = number;
            calls[slot] = 0;
            failures[slot] = 0;
        }
        calls[slot] += count;
        if (failed) {
            failures[slot] += count;
        }
    }

    long calls(long now) {
        return sum(calls, now);
    }

    long failures(long now) {
        return sum(failures, now);
    }

    private long sum(int[] counts, long now) {
        long oldest = Math.floorDiv(now, sliceNanos) - SLICES + 1;
        long sum = 0;
        for (int slot = 0; slot < SLICES; slot++) {
            if (numbers[slot] >= oldest) {
                sum += counts[slot];
            }
        }
        return sum;
    }
}
