package dev.interlock;

/** How far a circuit reaches. */
public enum Scope {
    /** Each process counts and decides for itself; the default. */
    LOCAL,
    /** One circuit over all connected processes; without a shared store it behaves as {@link #LOCAL}. */
    SHARED
}
