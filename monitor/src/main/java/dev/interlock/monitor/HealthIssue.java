package dev.interlock.monitor;

/**
 * Something that lowers an agent's score. Immutable.
 *
 * @param code what it is, for programs
 * @param penalty by how much it lowers the score
 * @param text what was seen, in plain English
 */
public record HealthIssue(Code code, int penalty, String text) {
    /** What can be wrong with an agent. */
    public enum Code {
        /** Fewer than 80 % of its calls succeed: 40 points. */
        LOW_SUCCESS_RATE,
        /** Fewer than 95 % of its calls succeed: 20 points. */
        REDUCED_SUCCESS_RATE,
        /** More than 10 s of p95 latency: 30 points. */
        VERY_SLOW,
        /** More than 3 s of p95 latency: 15 points. */
        SLOW,
        /** At least 5 failures in a row: 35 points. */
        FAILURE_STREAK,
        /** More than 20 errors in the hour, which are more than 1 % of its calls: 25 points. */
        MANY_ERRORS,
        /** More than 5 errors in the hour, which are more than 1 % of its calls: 10 points. */
        SOME_ERRORS
    }
}
