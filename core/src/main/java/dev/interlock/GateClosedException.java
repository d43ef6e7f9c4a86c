package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * A call was refused by a gate before its circuits. A type of its own, so that refusals by circuits, which are many, are
 * no larger for it.
 */
final class GateClosedException extends CircuitOpenException {
    private static final long serialVersionUID = 1;

    private final CircuitState state;
    private final Gate gate;

    GateClosedException(CircuitId id, CircuitState state, long retryAfterNanos, @Nullable Hold hold, Gate gate) {
        super(id, state, retryAfterNanos, hold, null);
        this.state = state;
        this.gate = gate;
    }

    @Override
    public CircuitState state() {
        return state;
    }

    @Override
    public Gate gate() {
        return gate;
    }

    /** Names neither the author nor what a person gave as the reason. */
    @Override
    public String getMessage() {
        String why = gate.isOfLoop()
                ? "The same call had the same result several times in this execution"
                : gate.reasonForCallers();
        return "Calls of " + id() + " are stopped by the gate '" + gate.id() + "' "
                + (gate.until() == null ? "until it is removed" : "until " + gate.until()) + "; retry after "
                + retryAfter().toMillis() + " ms" + (why == null ? "" : ". " + why);
    }
}
