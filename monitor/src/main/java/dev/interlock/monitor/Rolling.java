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
        fiveMinutes.add(ended, failed);
        hour.add(ended, failed);
        if (latencyNanos >= 0) {
            latencies.add(ended, latencyNanos, now);
        }
        if (failed) {
            streak++;
        } else {
            if (streak > 0) {
                streakBefore = streak;
                successesSince = 0;
                streak = 0;
            }
            successesSince++;
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
