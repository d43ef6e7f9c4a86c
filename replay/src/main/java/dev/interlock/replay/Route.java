package dev.interlock.replay;

import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The circuits that a call asks, one to three, and the guard that asks them. */
final class Route {
    private final Guard guard;
    private final List<RealCircuit> circuits;

    Route(Guard guard, List<RealCircuit> circuits) {
        this.guard = guard;
        this.circuits = circuits;
    }

    /** A permit, or null if a circuit refuses. All circuits see the call, the one that refuses has rejected it. */
    @Nullable
    Permit ask(Call call) {
        for (int i = 0; i < circuits.size(); i++) {
            circuits.get(i).tally.called(call);
        }
        if (circuits.size() == 1) {
            Permit permit = guard.tryAcquire();
            if (permit == null) {
                circuits.get(0).tally.rejected(call);
            }
            return permit;
        }
        try {
            return guard.acquire();
        } catch (CircuitOpenException refused) {
            for (RealCircuit each : circuits) {
                if (refused.id().equals(each.breaker().id())) {
                    each.tally.rejected(call);
                }
            }
            return null;
        }
    }

    /** Settles a bad outcome and finds out which of the circuits it counted in. */
    void settle(Permit permit, Outcome outcome, boolean failed, boolean slow, long now) {
        List<CircuitSnapshot> before = new ArrayList<>(circuits.size());
        for (RealCircuit each : circuits) {
            before.add(each.breaker().snapshot());
        }
        permit.settle(outcome);
        for (int i = 0; i < circuits.size(); i++) {
            count(circuits.get(i), before.get(i), failed, slow, now);
        }
    }

    /** A failure that counts in a circuit raises its streak or moves it; a late one does neither. */
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
