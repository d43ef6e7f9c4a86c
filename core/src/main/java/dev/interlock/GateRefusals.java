package dev.interlock;

import org.jspecify.annotations.Nullable;

/** How a call is refused that a gate covers. */
final class GateRefusals {
    private GateRefusals() {}

    /**
     * Refuses a call, with the state that its circuit has behind the gate.
     *
     * @param circuit that of the id; null if there is none yet
     * @param engine of the manager whose gate it is
     * @param throwing false for null in place of an exception
     * @param parent the innermost call around it, or null
     */
    static @Nullable Permit refuse(
            CircuitId id,
            @Nullable Circuit circuit,
            GateBoard.Shut shut,
            Engine engine,
            long now,
            boolean throwing,
            @Nullable Permit parent) {
        CallChain.note(parent, id, engine, InnerCall.REFUSED);
        if (throwing) {
            Epoch present = circuit == null ? null : circuit.current();
            throw new GateClosedException(
                    id,
                    present == null ? CircuitState.CLOSED : present.state(),
                    shut.left(now),
                    present == null ? null : present.hold(),
                    shut.gate());
        }
        return null;
    }
}
