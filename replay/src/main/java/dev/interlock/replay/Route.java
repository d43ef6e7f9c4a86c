package dev.interlock.replay;

import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import org.jspecify.annotations.Nullable;

/** The circuits that a call asks, one or two, and the guard that asks them. */
final class Route {
    private final Guard guard;
    private final RealCircuit own;
    private final @Nullable RealCircuit other;

    Route(Guard guard, RealCircuit own, @Nullable RealCircuit other) {
        this.guard = guard;
        this.own = own;
        this.other = other;
    }

    /** A permit, or null if a circuit refuses. Both circuits see the call, the one that refuses has rejected it. */
    @Nullable
    Permit ask(Call call) {
        own.tally.called(call);
        if (other == null) {
            Permit permit = guard.tryAcquire();
            if (permit == null) {
                own.tally.rejected(call);
            }
            return permit;
        }
        other.tally.called(call);
        try {
            return guard.acquire();
        } catch (CircuitOpenException refused) {
            (refused.id().equals(own.breaker().id()) ? own : other).tally.rejected(call);
            return null;
        }
    }

    /** Settles a bad outcome and finds out which of the circuits it counted in. */
    void settle(Permit permit, Outcome outcome, boolean failed, boolean slow, long now) {
        CircuitSnapshot ownBefore = own.breaker().snapshot();
        CircuitSnapshot otherBefore = other == null ? null : other.breaker().snapshot();
        permit.settle(outcome);
        count(own, ownBefore, failed, slow, now);
        if (other != null && otherBefore != null) {
            count(other, otherBefore, failed, slow, now);
        }
    }

    /** A failure is attributed to one of two circuits and raises its streak or moves it; a late one does neither. */
    private static void count(RealCircuit circuit, CircuitSnapshot before, boolean failed, boolean slow, long now) {
        CircuitSnapshot after = circuit.breaker().snapshot();
        boolean late = after.late() != before.late();
        boolean touched = after.epoch() != before.epoch()
                || after.figures().consecutiveFailures() != before.figures().consecutiveFailures();
        if (failed && touched) {
            circuit.failed(now);
        }
        if (slow && !late && (touched || !failed)) {
            circuit.slow(now);
        }
    }
}
