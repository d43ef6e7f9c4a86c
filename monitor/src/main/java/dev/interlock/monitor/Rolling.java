package dev.interlock.monitor;

import java.util.concurrent.TimeUnit;

/** The rolling figures of one agent, from some moment on. For one thread at a time. */
final class Rolling {
    static final long FIVE_MINUTES = TimeUnit.MINUTES.toNanos(5);
    static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private static final int SUCCESSES_AFTER_A_STREAK = 2;

    private final CountRing fiveMinutes = new CountRing(FIVE_MINUTES);
    private final CountRing hour = new CountRing(HOUR);
    private final Latencies latencies = new Latencies(FIVE_MINUTES);
    private int streak;
    private int streakBefore;
    private int successesSince;

    /**
     * Counts a call.
     *
     * @param ended its end, in ticks
     * @param latencyNanos negative if nobody measured
     */
    void add(long ended, boolean failed, long latencyNanos, long now) {
        add(ended, failed, GoodCalls.bucket(latencyNanos), 1, now);
    }

    /**
     * Counts calls that ended alike.
     *
     * @param ended their end, in ticks
     * @param bucket of their latency; negative if nobody measured
     * @param count how many
     */
    void add(long ended, boolean failed, int bucket, int count, long now) {
        fiveMinutes.add(ended, failed, count);
        hour.add(ended, failed, count);
        if (bucket >= 0) {
            latencies.add(ended, bucket, count, now);
        }
        if (failed) {
            streak += count;
        } else {
            if (streak > 0) {
                streakBefore = streak;
                successesSince = 0;
                streak = 0;
            }
            successesSince = Math.min(successesSince + count, SUCCESSES_AFTER_A_STREAK);
        }
    }

    HealthFigures figures(long now) {
        int recent = successesSince < SUCCESSES_AFTER_A_STREAK ? Math.max(streak, streakBefore) : streak;
        return new HealthFigures(
                fiveMinutes.calls(now),
                fiveMinutes.failures(now),
                streak,
                recent,
                latencies.p95(now),
                hour.calls(now),
                hour.failures(now));
    }

    boolean isEmpty(long now) {
        return hour.calls(now) == 0;
    }
}
