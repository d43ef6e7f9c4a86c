package dev.interlock;

import org.jspecify.annotations.Nullable;

/** What people, and monitors, ask of a circuit: overrides are carried out, suggestions give way. */
final class Overrides {
    private Overrides() {}

    /** Carries out an override; false if it changed nothing. */
    static boolean override(Circuit circuit, ManualOverride override) {
        while (true) {
            Epoch present = circuit.current();
            if (present instanceof EvictedEpoch evicted) {
                return override(evicted.successors.successor(circuit.id), override);
            }
            Policy policy = circuit.policy();
            long now = policy.time.ticks();
            Move move = present.override(override, policy, now, Circuit.holdEnd(override, policy, now));
            if (move == null) {
                if (override.action() == OverrideAction.PROBE_NOW && present instanceof OpenEpoch open) {
                    Circuit.hasten(open, now);
                }
                policy.engine.followed().repeated(circuit.id, override);
                return false;
            }
            if (circuit.move(present, move, now, null) != null) {
                return true;
            }
        }
    }

    /** Carries out a suggestion if the epoch that it was made of goes on and nobody holds it. */
    static boolean suggest(Circuit circuit, ManualOverride suggestion, long epoch) {
        boolean opens = suggestion.action() == OverrideAction.OPEN;
        if (!opens && suggestion.action() != OverrideAction.PROBE_NOW) {
            throw new IllegalArgumentException(
                    "Only OPEN and PROBE_NOW can be suggested, but not " + suggestion.action() + ": give an override");
        }
        Epoch present = circuit.current();
        if (present instanceof EvictedEpoch evicted) {
            @Nullable Circuit successor = Settlements.successorOrNull(evicted, circuit.id);
            return successor != null && suggest(successor, suggestion, epoch);
        }
        if (present.origin.epoch != epoch || present.isHeld()) {
            return false;
        }
        Policy policy = circuit.policy();
        long now = policy.time.ticks();
        if (opens) {
            return present instanceof ClosedEpoch closed
                    && closed.allows(policy, now)
                    && circuit.follow(present, Move.suggested(CircuitState.OPEN, suggestion, present.figures(now)), now)
                            != null;
        }
        if (present instanceof OpenEpoch open && open.cooldownEnd() > now) {
            open.shorten(now);
            Circuit.hasten(open, now);
            policy.engine.followed().hastened(circuit.id, suggestion);
            return true;
        }
        return false;
    }
}
