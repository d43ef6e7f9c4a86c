package dev.interlock.server.permits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An outcome on its way to those circuits around its call that it counts for. For one thread. */
final class Settled {
    private final Guard guard;
    private final Outcome outcome;
    private final @Nullable CircuitId attributed;

    /** Circuits that have begun another epoch since the call began. */
    private final TreeSet<CircuitId> gone = new TreeSet<>();

    /**
     * Looks at the circuits before the outcome moves one of them.
     *
     * @param epochs the epochs that admitted the call, in the order of the circuits' ids; empty if nobody knows
     */
    Settled(CircuitBreakerManager circuits, Guard guard, Outcome outcome, long[] epochs) {
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
            watch.ended(attributed, outcome, settlement);
            return;
        }
        watch.ended(guard.id(), outcome, settlement);
        for (CircuitId id : guard.dependencies()) {
            watch.ended(id, outcome, gone.contains(id) ? Settlement.LATE : Settlement.COUNTED);
        }
    }
}
