package dev.interlock.replay;

import java.util.Arrays;

/** Durations in nanoseconds, as many as there are openings; gives their median. */
final class Longs {
    private static final double NANOS_PER_SECOND = 1e9;

    private long[] values = new long[4];
    private int size;

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    void addAll(Longs others) {
        for (int i = 0; i < others.size; i++) {
            add(others.values[i]);
        }
    }

    /** The one in the middle, or the mean of the two there, in seconds; NaN if there is none. */
    double medianSeconds() {
        if (size == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(values, size);
        Arrays.sort(sorted);
        long low = sorted[(size - 1) / 2];
        long high = sorted[size / 2];
        return (low + (high - low) / 2.0) / NANOS_PER_SECOND;
    }
}
