package dev.interlock;

/**
 * The three states of a circuit. A circuit that a person holds is open or closed as well; the hold is reported
 * separately.
 */
public enum CircuitState {
    /** Healthy: every call is admitted, outcomes are counted. */
    CLOSED,
    /** Failing: every call is refused until the cooldown is over. */
    OPEN,
    /** Recovering: a few trials are admitted, the rest is refused. */
    HALF_OPEN
}
