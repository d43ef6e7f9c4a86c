package dev.interlock.server.permits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.InnerCalls;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An outcome on its way to those circuits around its call that it counts for. For one thread. */
final class Settled {
    private final Guard guard;
    private final Outcome outcome;
    private final @Nullable CircuitId attributed;
    private final InnerCalls inner;

    /** Circuits that have begun another epoch since the call began. */
    private final TreeSet<CircuitId> gone = new TreeSet<>();

    /**
     * Looks at the circuits before the outcome moves one of them.
     *
     * @param inner what became of the calls within it
     * @param epochs the epochs that admitted the call, in the order of the circuits' ids; empty if nobody knows
     */
    Settled(CircuitBreakerManager circuits, Guard guard, Outcome outcome, InnerCalls inner, long[] epochs) {
        this.inner = inner;
        this.guard = guard;
        this.outcome = outcome;
        this.attributed = guard.attributedTo(outcome);
        if (attributed == null && epochs.length > 1) {
            TreeSet<CircuitId> ids = new TreeSet<>(guard.dependencies());
            ids.add(guard.id());
            int place = 0;
            for (CircuitId id : ids) {
                if (circuits.snapshot(id).epoch() != epochs[place++]) {
                    gone.add(id);
                }
            }
        }
    }

    /** Reports each circuit's end of the call; the settlement is that of the one it is attributed to, or of the guard's own. */
    void report(PermitWatch watch, Settlement settlement) {
        if (attributed != null) {
            ended(watch, attributed, settlement);
            return;
        }
        ended(watch, guard.id(), settlement);
        for (CircuitId id : guard.dependencies()) {
            ended(watch, id, gone.contains(id) ? Settlement.LATE : Settlement.COUNTED);
        }
    }

    /** Where inner calls were reported, the outer one is not reported once more. */
    private void ended(PermitWatch watch, CircuitId id, Settlement settlement) {
        if (!inner.hide(id, id.equals(attributed) && id.equals(guard.id()))) {
            watch.ended(id, outcome, settlement);
        }
    }
}
