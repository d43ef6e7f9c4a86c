package dev.interlock.monitor;

import java.time.Duration;
import java.util.Arrays;
import org.HdrHistogram.IntCountsHistogram;
import org.jspecify.annotations.Nullable;

/**
 * The latencies of a rolling window. For one thread at a time.
 *
 * <p>A histogram of one significant digit holds the window; in addition, each slice remembers in which of its 304
 * buckets it counted how much, so that the histogram can be made again without the slices that are over. A bucket is at
 * most 6.25 % wide. The unit is chosen so that 3 s and 10 s, 18 and 30 times a power of two units, are borders of
 * buckets: whether p95 is above them is exact. Latencies count up to 1 hour, longer ones as one hour.
 */
final class Latencies {
    /** So 3 s are 2,304 and 10 s are 7,680 units of about 1.3 ms each. */
    private static final long UNITS_A_SECOND = 768;

    private static final long SECOND = 1_000_000_000L;
    private static final long LONGEST_NANOS = 3_600 * SECOND;
    private static final long HIGHEST = 3_600 * UNITS_A_SECOND;
    private static final int DIGITS = 1;

    /** Leading binary digits by which values are distinguished, as the histogram does with one significant digit. */
    private static final int LEADING = 5;

    /** How many buckets there are. */
    static final int BUCKETS = bucket(LONGEST_NANOS) + 1;

    private static final class Slice {
        private final long number;
        private int[] values = new int[4];
        private int[] counts = new int[4];
        private int used;

        Slice(long number) {
            this.number = number;
        }

        void add(int value, int count) {
            for (int i = 0; i < used; i++) {
                if (values[i] == value) {
                    counts[i] += count;
                    return;
                }
            }
            if (used == values.length) {
                values = Arrays.copyOf(values, used * 2);
                counts = Arrays.copyOf(counts, used * 2);
            }
            values[used] = value;
            counts[used++] = count;
        }
    }

    private final long sliceNanos;
    private final @Nullable Slice[] slices = new Slice[CountRing.SLICES];
    private @Nullable IntCountsHistogram window;

    /** The number of the oldest slice that the histogram has counts of. */
    private long oldestCounted = Long.MAX_VALUE;

    Latencies(long windowNanos) {
        sliceNanos = windowNanos / (CountRing.SLICES - 1);
    }

    /** The bucket that a latency is in. */
    static int bucket(long latencyNanos) {
        // One below, so that exactly 10 s is in the bucket that ends there.
        long units = (Math.min(Math.max(0, latencyNanos), LONGEST_NANOS) * UNITS_A_SECOND + SECOND - 1) / SECOND - 1;
        long value = Math.max(0, units);
        int shift = Math.max(0, Long.SIZE - LEADING - Long.numberOfLeadingZeros(value));
        return (shift << LEADING - 1) + (int) (value >>> shift);
    }

    /** The lowest value in a bucket, in units. */
    static int lowest(int bucket) {
        int shift = Math.max(0, (bucket >> LEADING - 1) - 1);
        return bucket - (shift << LEADING - 1) << shift;
    }

    /** The highest latency of a bucket. */
    static Duration upperBorder(int bucket) {
        return Duration.ofNanos(lowest(bucket + 1) * SECOND / UNITS_A_SECOND);
    }

    /** Counts latencies of one bucket. */
    void add(long tick, int bucket, int count, long now) {
        long number = Math.floorDiv(tick, sliceNanos);
        int slot = Math.floorMod(number, CountRing.SLICES);
        Slice slice = slices[slot];
        if (slice != null && slice.number > number || number < oldest(now)) {
            return;
        }
        forget(now);
        slice = slices[slot];
        if (slice == null) {
            slice = new Slice(number);
            slices[slot] = slice;
        }
        IntCountsHistogram histogram = window;
        if (histogram == null) {
            histogram = new IntCountsHistogram(HIGHEST, DIGITS);
            window = histogram;
        }
        int value = lowest(bucket);
        slice.add(value, count);
        histogram.recordValueWithCount(value, count);
        oldestCounted = Math.min(oldestCounted, number);
    }

    /** The upper border of the bucket that p95 is in, or null without latencies. */
    @Nullable
    Duration p95(long now) {
        forget(now);
        IntCountsHistogram histogram = window;
        if (histogram == null || histogram.getTotalCount() == 0) {
            return null;
        }
        long highest = histogram.highestEquivalentValue(histogram.getValueAtPercentile(95));
        return Duration.ofNanos((highest + 1) * SECOND / UNITS_A_SECOND);
    }

    private long oldest(long now) {
        return Math.floorDiv(now, sliceNanos) - CountRing.SLICES + 1;
    }

    private void forget(long now) {
        long oldest = oldest(now);
        if (oldestCounted >= oldest) {
            return;
        }
        IntCountsHistogram histogram = window;
        if (histogram != null) {
            histogram.reset();
        }
        oldestCounted = Long.MAX_VALUE;
        for (int slot = 0; slot < slices.length; slot++) {
            Slice slice = slices[slot];
            if (slice == null) {
                continue;
            }
            if (slice.number < oldest) {
                slices[slot] = null;
            } else if (histogram != null) {
                oldestCounted = Math.min(oldestCounted, slice.number);
                for (int i = 0; i < slice.used; i++) {
                    histogram.recordValueWithCount(slice.values[i], slice.counts[i]);
                }
            }
        }
    }
}
