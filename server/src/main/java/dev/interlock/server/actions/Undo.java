package dev.interlock.server.actions;

import static dev.interlock.OverrideAction.CLOSE;
import static dev.interlock.OverrideAction.HOLD_CLOSED;
import static dev.interlock.OverrideAction.HOLD_OPEN;
import static dev.interlock.OverrideAction.OPEN;
import static dev.interlock.OverrideAction.PROBE_NOW;
import static dev.interlock.OverrideAction.RELEASE;

import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.server.actions.Change.Look;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which overrides bring a circuit back to what it was. What was forgotten stays so: figures, and how a cooldown had run. */
final class Undo {
    private Undo() {}

    /**
     * The overrides, in their order.
     *
     * @param change what was done
     * @param actor who undoes it
     * @param reason why
     * @param now by the wall clock: a hold that has ended since is not held again
     * @return none if the circuit is what it was already
     */
    static List<ManualOverride> of(Change change, String actor, @Nullable String reason, Instant now) {
        Look before = change.before();
        Instant until = before.until();
        boolean held = before.held() && (until == null || until.isAfter(now));
        if (held) {
            OverrideAction hold = before.state() == CircuitState.CLOSED ? HOLD_CLOSED : HOLD_OPEN;
            return List.of(new ManualOverride(hold, actor, reason, until));
        }
        boolean tried = before.state() == CircuitState.HALF_OPEN || before.held();
        return actions(before.state(), tried, change.after()).stream()
                .map(action -> new ManualOverride(action, actor, reason, null))
                .toList();
    }

    /** @param tried whether trials were to come at once, in place of a cooldown */
    private static List<OverrideAction> actions(CircuitState before, boolean tried, Look after) {
        if (before == CircuitState.CLOSED) {
            return after.state() == CircuitState.CLOSED && !after.held() ? List.of() : List.of(CLOSE);
        }
        if (after.state() == CircuitState.OPEN && after.held()) {
            return List.of(RELEASE);
        }
        if (after.state() == CircuitState.OPEN) {
            return tried ? List.of(PROBE_NOW) : List.of();
        }
        return tried ? List.of(OPEN, PROBE_NOW) : List.of(OPEN);
    }
}
