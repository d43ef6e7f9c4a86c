package dev.interlock;

import org.jspecify.annotations.Nullable;

/** Why a call was refused. */
@Beta
public enum Refusal {
    /** The circuit is open. */
    OPEN,
    /** It is half-open, and has no place for another trial. */
    HALF_OPEN,
    /** Somebody holds it open. */
    HELD,
    /** A gate refuses the call. */
    GATE,
    /** There is no room for another circuit. */
    FULL;

    /**
     * Why a circuit, or a gate before it, refused.
     *
     * @param refused what the caller heard
     * @return any but {@link #FULL}
     */
    public static Refusal of(CircuitOpenException refused) {
        return refused.gate() != null ? GATE : of(refused.state(), refused.hold());
    }

    /** A circuit that is closed by now was half-open when it refused. */
    static Refusal of(CircuitState state, @Nullable Hold hold) {
        return state != CircuitState.OPEN ? HALF_OPEN : hold != null ? HELD : OPEN;
    }
}
