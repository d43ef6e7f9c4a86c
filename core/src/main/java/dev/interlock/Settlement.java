package dev.interlock;

/** What became of an outcome that was reported. */
@Beta
public enum Settlement {
    /** It counted: a success, a failure or a slow call in the epoch that it belongs to. */
    COUNTED,
    /**
     * It was ignored, since it says nothing about health: a kind that is ignored, or an outcome without a permit while
     * the circuit is cooling down, held open, or has no place for another trial.
     */
    IGNORED,
    /** It belongs to an earlier epoch of the circuit and moved nothing. */
    LATE,
    /** Its permit had been settled before; nothing changed. */
    REPEATED
}
