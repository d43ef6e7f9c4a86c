package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * Whether a call is let in: in closed always, in open not before the cooldown is over, in half-open while there is a
 * place. Moves to half-open what a call finds cooled down, and makes that call the first trial.
 */
final class Admission {
    private Admission() {}

    /** A permit; or null, or an exception, if the call is refused. */
    static @Nullable Permit acquire(Circuit circuit, FailureClassifier classifier, boolean throwing) {
        while (true) {
            Policy policy = circuit.policy();
            Epoch present = circuit.current();
            if (present instanceof ClosedEpoch) {
                circuit.touch(policy);
                return new SinglePermit(
                        circuit, present, classifier, policy.timed ? policy.time.ticks() : Settlements.UNTIMED);
            }
            if (present instanceof EvictedEpoch evicted) {
                return acquire(evicted.successors.successor(circuit.id), classifier, throwing);
            }
            long now = policy.time.ticks();
            Move move = present.moveAt(policy, now);
            // Who makes a circuit half-open is its first trial: the lease is there before anybody can see it.
            Place first = move != null && move.to == CircuitState.HALF_OPEN
                    ? Places.first(circuit.id, move, policy, now)
                    : null;
            if (move != null && (first != null || move.to != CircuitState.HALF_OPEN)) {
                Permit trial = follow(circuit, present, move, now, first, classifier);
                if (trial != null) {
                    return trial;
                }
                continue;
            }
            if (present instanceof HalfOpenEpoch trying) {
                Place place = Places.further(circuit.id, trying, policy, now);
                if (place != null) {
                    return trial(circuit, present, classifier, now, place);
                }
                if (trying.isEnough(policy)) {
                    continue; // the last success came this moment, so this call belongs to the epoch after
                }
            }
            long wait = refused(circuit, present, policy, now);
            if (throwing) {
                throw new CircuitOpenException(circuit.id, present.state(), Math.max(1, wait), present.hold());
            }
            return null;
        }
    }

    /** Moves, and gives the permit of the first trial if that is what the move began; apart, to keep refusals short. */
    private static @Nullable Permit follow(
            Circuit circuit, Epoch present, Move move, long now, @Nullable Place first, FailureClassifier classifier) {
        Epoch next = circuit.move(present, move, now, first);
        if (first == null) {
            return null;
        }
        if (next == null) {
            first.unused();
            return null;
        }
        return trial(circuit, next, classifier, now, first);
    }

    /** The permit of a trial. Whatever is thrown while it is made, its place does not stay taken. */
    private static Permit trial(Circuit circuit, Epoch epoch, FailureClassifier classifier, long now, Place place) {
        try {
            circuit.touch(circuit.policy());
            return new SinglePermit.Trial(circuit, epoch, classifier, now, place);
        } catch (Throwable thrown) {
            Settlements.giveBack(epoch, place);
            throw thrown;
        }
    }

    /** How long a call that has just been refused should wait. */
    private static long refused(Circuit circuit, Epoch present, Policy policy, long now) {
        long wait = present.refusal(policy, now);
        return policy.fleet == null || present.isHeld()
                ? wait
                : policy.fleet.places().refused(circuit.id, present, wait, policy.trials, now);
    }

    /** How long a call that comes now would have to wait, in nanoseconds; 0 if it would be admitted. Moves nothing. */
    static long refusal(Circuit circuit) {
        Policy policy = circuit.policy();
        Epoch present = circuit.current();
        if (present instanceof ClosedEpoch) {
            return 0;
        }
        if (present instanceof EvictedEpoch evicted) {
            return refusal(evicted.successors.successor(circuit.id));
        }
        long now = policy.time.ticks();
        long wait = present.moveAt(policy, now) != null ? 0 : present.refusal(policy, now);
        boolean admits = policy.fleet == null || policy.fleet.places().hasTrial(circuit.id, now);
        return admits || wait > 0 ? wait : refused(circuit, present, policy, now);
    }

    /** The closed epoch that admits a call which needs no clock and no permit, or null: then ask for a permit. */
    static @Nullable ClosedEpoch enter(Circuit circuit) {
        Policy policy = circuit.policy();
        if (circuit.current() instanceof ClosedEpoch closed && !policy.timed) {
            circuit.touch(policy);
            return closed;
        }
        return null;
    }
}
