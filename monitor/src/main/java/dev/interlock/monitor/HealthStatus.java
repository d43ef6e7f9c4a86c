package dev.interlock.monitor;

/** How an agent is, by its {@linkplain HealthCalculator score}. */
public enum HealthStatus {
    /** No calls in the last 5 minutes. */
    UNKNOWN,
    /** A score of at least 80. */
    HEALTHY,
    /** A score of at least 50. */
    DEGRADED,
    /** A score below 50. */
    CRITICAL;

    static HealthStatus ofScore(int score) {
        return score >= 80 ? HEALTHY : score >= 50 ? DEGRADED : CRITICAL;
    }

    /** Whether this is better than another; nothing is better or worse than what is not known. */
    boolean isBetterThan(HealthStatus other) {
        return this != UNKNOWN && other != UNKNOWN && ordinal() < other.ordinal();
    }
}
