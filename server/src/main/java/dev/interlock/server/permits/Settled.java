package dev.interlock.server.permits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An outcome on its way to those circuits around its call that it concerns. For one thread. */
final class Settled {
    private final Guard guard;
    private final Outcome outcome;
    private final @Nullable CircuitId concerned;

    /** Circuits that have begun another stay since the call began. */
    private final TreeSet<CircuitId> gone = new TreeSet<>();

    /**
     * Looks at the circuits before the outcome moves one of them.
     *
     * @param epochs the stays that admitted the call, in the order of the circuits' ids; empty if nobody knows
     */
    Settled(CircuitBreakerManager circuits, Guard guard, Outcome outcome, long[] epochs) {
        this.guard = guard;
        this.outcome = outcome;
        this.concerned = guard.concerned(outcome);
        if (concerned == null && epochs.length > 1) {
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

    /** Tells each circuit's end of the call; the settlement is that of the one concerned, or of the guard's own. */
    void tell(PermitWatch watch, Settlement settlement) {
        if (concerned != null) {
            watch.ended(concerned, outcome, settlement);
            return;
        }
        watch.ended(guard.id(), outcome, settlement);
        for (CircuitId id : guard.dependencies()) {
            watch.ended(id, outcome, gone.contains(id) ? Settlement.LATE : Settlement.COUNTED);
        }
    }
}
