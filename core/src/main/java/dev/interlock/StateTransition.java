package dev.interlock;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of a circuit: the end of one epoch and the beginning of the next. Immutable.
 *
 * <p>{@code from} and {@code to} can be equal: a reset of a closed circuit, and a hold that begins or ends without
 * another state, begin a new epoch as well.
 *
 * @param id the circuit
 * @param from the state before
 * @param to the state from now on
 * @param epoch the number of the epoch that begins; rises with each transition of a circuit
 * @param at the wall clock's time, for display
 * @param cause why
 * @param action which action it was; null unless the cause is an override
 * @param kind the failure that tripped or re-opened, or null
 * @param cooldown how long the circuit stays open before a trial; null unless it opens unheld
 * @param figures what the circuit had counted when it left closed; null where it was not closed or never counted
 * @param hold the hold in effect from now on, or null
 * @param actor who decided so, or null for the circuit itself
 * @param reason the reason given with an override, or null
 */
public record StateTransition(
        CircuitId id,
        CircuitState from,
        CircuitState to,
        long epoch,
        Instant at,
        TransitionCause cause,
        @Nullable OverrideAction action,
        @Nullable FailureKind kind,
        @Nullable Duration cooldown,
        @Nullable Figures figures,
        @Nullable Hold hold,
        @Nullable String actor,
        @Nullable String reason) {

    /**
     * Whether the circuit opened: it is open now and was not before.
     *
     * @return true for a trip, a re-opening, and an override that opens
     */
    public boolean opens() {
        return to == CircuitState.OPEN && from != CircuitState.OPEN;
    }

    /**
     * The transition as a sentence for people, such as {@code planner: CLOSED -> OPEN, 5 failures in a row (TIMEOUT)}.
     *
     * @return one line
     */
    public String describe() {
        StringBuilder line = new StringBuilder();
        line.append(id).append(": ").append(from).append(" -> ").append(to).append(", ");
        if (figures != null && cause == TransitionCause.FAILURE_STREAK) {
            int failures = figures.consecutiveFailures();
            line.append(failures == 1 ? "1 failure" : failures + " " + cause.words());
        } else if (kind != null && cause == TransitionCause.FAILURE_KIND) {
            line.append(cause.words(kind.name()));
        } else {
            line.append(cause.words());
        }
        if (figures != null && cause == TransitionCause.FAILURE_RATE) {
            line.append(' ').append(figures.failures()).append(" of ").append(figures.calls());
        } else if (figures != null && cause == TransitionCause.SLOW_CALL_RATE) {
            line.append(' ').append(figures.slow()).append(" of ").append(figures.timed());
        }
        if (kind != null && cause != TransitionCause.FAILURE_KIND) {
            line.append(" (").append(kind).append(')');
        }
        if (hold != null) {
            line.append(", held").append(hold.until() == null ? "" : " until " + hold.until());
        }
        if (actor != null) {
            line.append(", by ").append(actor);
        }
        if (reason != null) {
            line.append(": ").append(reason);
        }
        return line.toString();
    }
}
