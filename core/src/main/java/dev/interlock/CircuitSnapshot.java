package dev.interlock;

import dev.interlock.store.OpeningRecord;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a circuit at one moment. Immutable. No call is stopped to take it, so figures may miss calls that ended
 * at the same moment.
 *
 * @param id the circuit
 * @param state its state; an open circuit stays open after the cooldown until the next call, or outcome without a
 *     permit
 * @param hold the hold in effect, or null
 * @param epoch the number of the present epoch
 * @param figures what it counts in this process, even if others share the circuit; while not closed, the figures at the
 *     trip, which are those of all processes if these made it trip
 * @param openings how often it has opened since it was made
 * @param late outcomes that belonged to an earlier epoch, since it was made
 * @param since when the present epoch began, or null if the circuit has never changed
 * @param openedAt when it opened, or null while closed
 * @param retryAfter how long a call that is refused now should wait; zero if the circuit would admit one (a gate before it may
 *     still refuse)
 * @param lastFailureAt when the last failure counted, since the circuit closed or was made, or null
 * @param trialsOut trials that are running in this process
 * @param trialsSucceeded trials that have succeeded in this epoch
 * @param failedTrials failed trials since the trip, by which the cooldown has grown
 * @param lastTransition how the present epoch began, or null if the circuit has never changed
 * @param opening why it opened, also if that was before a restart or in another process; null while closed
 * @param policy the pattern whose settings apply, or {@code default}
 * @param mode whether its own trips refuse calls, as the policy says; in {@link Mode#OBSERVE} calls pass also while
 *     {@code retryAfter} says when the next trial comes, unless a person opened or holds the circuit
 * @param detached whether the circuit is shared with other processes that cannot be reached, so that it uses the
 *     figures of this one only
 * @param probe what is known of its probes; null if its policy asks for none, or none is registered
 */
public record CircuitSnapshot(
        CircuitId id,
        CircuitState state,
        @Nullable Hold hold,
        long epoch,
        Figures figures,
        int openings,
        int late,
        @Nullable Instant since,
        @Nullable Instant openedAt,
        Duration retryAfter,
        @Nullable Instant lastFailureAt,
        int trialsOut,
        int trialsSucceeded,
        int failedTrials,
        @Nullable StateTransition lastTransition,
        @Nullable OpeningRecord opening,
        String policy,
        Mode mode,
        boolean detached,
        @Nullable ProbeStatus probe) {

    static CircuitSnapshot of(CircuitId id, Epoch current, Policy policy, int late) {
        long now = policy.time.ticks();
        Instant wall = policy.time.wallTime();
        Origin origin = current.origin;
        Trip trip = current.trip();
        // Looked at once: trials that end between two looks would show more places than there are.
        HalfOpenEpoch.Look trials = current instanceof HalfOpenEpoch trying ? trying.look(policy, now) : null;
        long lastFailure = current.lastFailure();
        return new CircuitSnapshot(
                id,
                current.state(),
                current.hold(),
                origin.epoch,
                current.figures(now),
                origin.openings,
                late,
                origin.transition == null ? null : origin.transition.at(),
                trip == null ? null : trip.at(),
                Duration.ofNanos(wait(
                        id, current, trials != null ? trials.refusal() : current.refusal(policy, now), policy, now)),
                lastFailure == RollingWindow.NEVER ? null : wall.minusNanos(now - lastFailure),
                trials == null ? 0 : trials.out(),
                trials == null ? 0 : trials.succeeded(),
                trip == null ? 0 : trip.failedTrials(),
                origin.transition,
                trip == null ? null : trip.why(),
                policy.name,
                policy.config.mode(),
                policy.fleet != null && !policy.fleet.isTogether(),
                ProbeStatus.of(id, current, policy, now));
    }

    /** The wait of a call that is refused now: if no place for a trial is free, the next one is a moment away. */
    private static long wait(CircuitId id, Epoch current, long wait, Policy policy, long now) {
        Fleet fleet = policy.fleet;
        boolean admits = fleet == null
                || wait > 0
                || current.state() == CircuitState.CLOSED
                || current.isHeld()
                || fleet.places().hasTrial(id, now);
        return admits || fleet == null ? wait : fleet.places().soon(id);
    }

    /**
     * Whether a person needs to see this circuit: it is open, half-open or held.
     *
     * @return false for one that is closed and clean
     */
    public boolean isNotClosed() {
        return state != CircuitState.CLOSED || hold != null;
    }
}
