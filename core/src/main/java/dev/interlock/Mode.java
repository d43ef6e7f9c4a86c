package dev.interlock;

/** What a circuit's own trips do. */
public enum Mode {
    /** An open circuit refuses calls; the default. */
    ENFORCE,
    /**
     * The circuit opens, is tried and closes as ever, but its own trips refuse no call: in open calls pass and are late;
     * after the cooldown some are trials, and the others pass without counting. What a person opened or holds open still
     * refuses.
     */
    OBSERVE
}
