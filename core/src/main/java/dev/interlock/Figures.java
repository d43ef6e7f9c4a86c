package dev.interlock;

import java.io.Serializable;

/**
 * What a circuit has counted: in its window, and in a row.
 *
 * @param calls calls in the window that counted as success or failure
 * @param failures failed ones among them
 * @param timed calls that the slow-call rule looked at; 0 while it is off
 * @param slow slow ones among those
 * @param consecutiveFailures failures since the last success
 */
@Beta
public record Figures(int calls, int failures, int timed, int slow, int consecutiveFailures) implements Serializable {
    /** Nothing counted. */
    static final Figures NONE = new Figures(0, 0, 0, 0, 0);

    /**
     * Failed calls as a fraction of all.
     *
     * @return 0 to 1; 0 without calls
     */
    public double failureRate() {
        return calls == 0 ? 0 : (double) failures / calls;
    }

    /**
     * Slow calls as a fraction of those that were looked at.
     *
     * @return 0 to 1; 0 without calls
     */
    public double slowCallRate() {
        return timed == 0 ? 0 : (double) slow / timed;
    }
}
