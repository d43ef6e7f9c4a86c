package dev.interlock;

/** What a circuit's own trips do. */
public enum Mode {
    /** An open circuit refuses calls; the default. */
    ENFORCE,
    /**
     * The circuit opens, is tried and closes as usual, but its own trips refuse no call. While it is open, calls pass
     * and are late; after the cooldown some calls are trials, and the others pass without counting. A circuit that a
     * person opened or holds open still refuses.
     */
    OBSERVE
}
