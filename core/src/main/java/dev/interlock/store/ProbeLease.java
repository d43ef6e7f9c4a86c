package dev.interlock.store;

/** Who probes a shared circuit. */
public enum ProbeLease {
    /** The process that asks, for as long as it asked for. */
    GIVEN,
    /** Another process does at the moment. */
    ELSEWHERE,
    /** Nobody needs to: some process has found what it was looking for. */
    READY
}
