package dev.interlock.monitor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an agent's health is judged by. Immutable. Calls that say nothing about health, such as cancelled ones, are in
 * none of the figures.
 *
 * @param calls calls that ended in the last 5 minutes
 * @param failures failed ones among them
 * @param streak failures since the last success
 * @param recentStreak the streak, or the one before it while fewer than 2 successes have followed it
 * @param p95 the latency that 95 % of the last 5 minutes' calls did not exceed, at most 6.25 % above the exact one; null
 *     if none was measured
 * @param hourCalls calls that ended in the last hour
 * @param hourFailures failed ones among them
 */
public record HealthFigures(
        long calls,
        long failures,
        int streak,
        int recentStreak,
        @Nullable Duration p95,
        long hourCalls,
        long hourFailures) {
    /** An agent that has not been heard of. */
    public static final HealthFigures NONE = new HealthFigures(0, 0, 0, 0, null, 0, 0);

    /**
     * Checks that no part is larger than its whole.
     *
     * @throws IllegalArgumentException if a figure is negative, or there are more failures than calls
     */
    public HealthFigures {
        if (failures < 0 || failures > calls || hourFailures < 0 || hourFailures > hourCalls) {
            throw new IllegalArgumentException("Failures must be from 0 to the number of calls, but were " + failures
                    + " of " + calls + ", and in the hour " + hourFailures + " of " + hourCalls);
        }
        if (streak < 0 || recentStreak < streak || p95 != null && p95.isNegative()) {
            throw new IllegalArgumentException("Streaks and latency must not be negative, and the recent streak not"
                    + " below the present one, but were " + streak + ", " + recentStreak + " and " + p95);
        }
    }

    /**
     * Successes as a fraction of the last 5 minutes' calls.
     *
     * @return 0 to 1; 1 without calls
     */
    public double successRate() {
        return calls == 0 ? 1 : (double) (calls - failures) / calls;
    }
}
