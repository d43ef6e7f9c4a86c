package dev.interlock;

import dev.interlock.store.TrialEnd;
import org.jspecify.annotations.Nullable;

/** Where a trial gets its place: here, or in the fleet where other processes share the circuit. */
final class Places {
    private Places() {}

    /** The slot of the caller whose trial failed last in any process, as far as was heard. */
    static int failedLast(CircuitId id, Policy policy) {
        return policy.fleet == null ? TrialEnd.NOBODY : policy.fleet.places().failedLast(id);
    }

    /** The first trial's place, before its epoch begins; null where all processes have not agreed to it yet. */
    static @Nullable Place first(CircuitId id, Move move, Policy policy, long now) {
        if (policy.fleet == null) {
            return new Place(now + policy.trialTimeout);
        }
        return policy.fleet.places().take(id, rules(move, policy), now);
    }

    /** How an epoch is tried that a move to half-open begins. */
    static TrialRules rules(Move move, Policy policy) {
        return move.cause == TransitionCause.REAL_TRIAL ? policy.realTrials : policy.trials;
    }

    /** A further trial's place, or null if there is none, here or among all who share the circuit. */
    static @Nullable Place further(CircuitId id, HalfOpenEpoch trying, Policy policy, long now) {
        if (policy.fleet == null) {
            return trying.admit(policy, now);
        }
        if (!trying.hasPlace(policy, now)) {
            return null;
        }
        Place place = policy.fleet.places().take(id, trying.rules(policy), now);
        if (place == null || trying.admit(policy, now, place)) {
            return place;
        }
        place.unused();
        return null;
    }
}
