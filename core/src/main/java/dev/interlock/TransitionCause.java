package dev.interlock;

import org.jspecify.annotations.Nullable;

/** Why a circuit changed. */
public enum TransitionCause {
    /** As many failures in a row as {@code failureThreshold}. */
    FAILURE_STREAK("failures in a row"),
    /** The failure rate of the window reached its threshold. */
    FAILURE_RATE("failure rate"),
    /** The slow-call rate of the window reached its threshold. */
    SLOW_CALL_RATE("slow-call rate"),
    /** A failure of a kind that trips at once. */
    FAILURE_KIND("kind of failure"),
    /** A shared upstream failed for this agent while it answered others: the failures are the agent's. */
    CALLER_ALONE("fails alone: the upstream answers other callers"),
    /** A call failed, and all probes that were asked at once failed as well. */
    PROBES_FAILED("probes failed after a failure"),
    /** The cooldown was over and a call came, or an outcome without a permit. */
    COOLDOWN_OVER("cooldown over"),
    /** Probes failed for so long that one real trial was admitted. */
    REAL_TRIAL("real trial while probes fail"),
    /** A trial failed or was slow. */
    TRIAL_FAILED("trial failed"),
    /** As many trials succeeded as {@code successThreshold}. */
    TRIALS_SUCCEEDED("trials succeeded"),
    /** Somebody decided so. */
    OVERRIDE("override"),
    /** A monitor of the agent's health decided so; unlike an override it gives way to everything else. */
    HEALTH("health"),
    /** A hold ended. */
    HOLD_ENDED("hold ended"),
    /** A store kept it over a restart. */
    RESUMED("resumed after a restart"),
    /** Another process that shares the store, or the circuit, had moved it. */
    ADOPTED("adopted from another server");

    private final String words;

    TransitionCause(String words) {
        this.words = words;
    }

    /**
     * The cause in plain English.
     *
     * @return a few words in lower case
     */
    public String words() {
        return words;
    }

    /**
     * The cause of an opening in plain English, with the kind of the failure.
     *
     * @param kind such as {@code TIMEOUT}; null if there was none
     * @return such as {@code failure rate (TIMEOUT)}, or {@code one RATE_LIMITED is enough}
     */
    public String words(@Nullable String kind) {
        return kind == null ? words : this == FAILURE_KIND ? "one " + kind + " is enough" : words + " (" + kind + ")";
    }
}
