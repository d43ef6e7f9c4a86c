package dev.interlock.monitor;

import dev.interlock.CircuitBreakerConfig;
import org.jspecify.annotations.Nullable;

/** Whether an agent is failing by its own policy, over 5 minutes, from some moment on. For one thread at a time. */
final class Failing {
    private final CountRing fiveMinutes = new CountRing(Rolling.FIVE_MINUTES);
    private int streak;

    void add(long ended, boolean failed, int count) {
        fiveMinutes.add(ended, failed, count);
        streak = failed ? streak + count : 0;
    }

    /** What makes it fail, in words; or null. */
    @Nullable
    String reason(CircuitBreakerConfig policy, long now) {
        long calls = fiveMinutes.calls(now);
        long failures = fiveMinutes.failures(now);
        long recentStreak = Math.min(streak, failures);
        Integer streakLimit = policy.failureThreshold();
        if (streakLimit != null && recentStreak >= streakLimit) {
            return recentStreak + " failures in a row";
        }
        Double rate = policy.failureRateThreshold();
        if (rate != null && calls >= policy.minRequestsForRate() && (double) failures / calls >= rate) {
            return failures + " of " + calls + " calls failed within 5 minutes";
        }
        return null;
    }
}
