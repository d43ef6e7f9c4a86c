package dev.interlock.replay;

/**
 * How long good calls took, as a histogram of bounded memory: their 90th percentile is where a rule for slow calls is
 * worth setting. A value is known to within a hundredth.
 */
final class SlowRule {
    /** The share of slow calls at which the rule trips. */
    static final double RATE = 0.5;

    private static final double QUANTILE = 0.9;
    private static final int STEPS_BITS = 7;
    private static final int STEPS = 1 << STEPS_BITS;
    private static final long MILLI = 1_000_000;

    private final long[] counts = new long[(Long.SIZE - STEPS_BITS) * STEPS];
    private long size;

    void add(long nanos) {
        counts[bucket(nanos / MILLI)]++;
        size++;
    }

    /** In whole milliseconds, at least one; 0 if there was no call. */
    long p90Millis() {
        long left = (long) Math.ceil(size * QUANTILE);
        for (int bucket = 0; size > 0; bucket++) {
            left -= counts[bucket];
            if (left <= 0) {
                return Math.max(1, highest(bucket));
            }
        }
        return 0;
    }

    /** Exact below {@link #STEPS}, then this many buckets for each power of two. */
    private static int bucket(long millis) {
        int shift = Math.max(0, Long.SIZE - STEPS_BITS - Long.numberOfLeadingZeros(millis));
        return shift == 0 ? (int) millis : (shift - 1) * STEPS / 2 + STEPS + (int) (millis >>> shift) - STEPS / 2;
    }

    private static long highest(int bucket) {
        if (bucket < STEPS) {
            return bucket;
        }
        int shift = (bucket - STEPS) / (STEPS / 2) + 1;
        long step = (long) (bucket - STEPS) % (STEPS / 2) + STEPS / 2;
        return (step + 1 << shift) - 1;
    }
}
