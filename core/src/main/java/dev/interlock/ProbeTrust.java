package dev.interlock;

import java.time.Instant;

/**
 * The probes of a circuit have earned trust, or have lost it. Immutable.
 *
 * @param id the circuit
 * @param trusted whether its probes decide from now on; if not, trials with real calls decide
 * @param why what showed it
 * @param at the wall clock's time, for display
 */
@Beta
public record ProbeTrust(CircuitId id, boolean trusted, Why why, Instant at) {
    /** What has shown that probes can be believed, or cannot. */
    public enum Why {
        /** A probe succeeded while the circuit was closed. */
        PROBE_SUCCEEDED("a probe succeeded while the circuit was closed"),
        /** Real trials closed the circuit although the last probe had failed. */
        TRIALS_SUCCEEDED("real trials succeeded while probes failed"),
        /** A probe failed, and the next three real calls succeeded. */
        CALLS_SUCCEEDED("a probe failed, and the next three real calls succeeded"),
        /** Another process that shares the store has found it. */
        ADOPTED("adopted from another server");

        private final String words;

        Why(String words) {
            this.words = words;
        }

        /**
         * The reason in plain English.
         *
         * @return a few words in lower case
         */
        public String words() {
            return words;
        }
    }

    /**
     * The change as a sentence for people.
     *
     * @return one line
     */
    public String describe() {
        return id + ": probes are " + (trusted ? "trusted" : "no longer trusted") + ", " + why.words();
    }
}
