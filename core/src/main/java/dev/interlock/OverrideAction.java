package dev.interlock;

/** What a person, or a health monitor, can have a circuit do. */
public enum OverrideAction {
    /** Open it; it cools down like any opening. An open circuit keeps its cooldown. */
    OPEN,
    /** Close it, with a clean window; ends a hold. */
    CLOSE,
    /** Close it and forget all figures, also when it is closed already: always a new epoch; ends a hold. */
    RESET,
    /** Open it; no cooldown ends that. It lasts until somebody ends it, or until the hold's own end. */
    HOLD_OPEN,
    /** Close it, let everything through and count, but never trip. */
    HOLD_CLOSED,
    /** End a hold: from held open to open with no cooldown left, from held closed to closed and clean. */
    RELEASE,
    /** End the cooldown of an unheld open circuit early. */
    PROBE_NOW
}
