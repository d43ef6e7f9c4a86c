package dev.interlock;

import java.util.Set;

/**
 * How calls within a call ended, for the circuits that are around both. For code that settles the outer call where its
 * permit's object is not at hand. Immutable.
 *
 * @param admitted the circuits that admitted an inner call: each counted it, and ignores the outer outcome
 * @param refused the circuits that refused an inner call; they ignore the outer outcome as well
 * @param failed the circuits of inner calls that failed: their failure is not counted again in the guard's own circuit
 */
@Beta
public record InnerCalls(Set<CircuitId> admitted, Set<CircuitId> refused, Set<CircuitId> failed) {
    /** There were none. */
    public static final InnerCalls NONE = new InnerCalls(Set.of(), Set.of(), Set.of());

    /** Keeps copies. */
    public InnerCalls {
        admitted = Set.copyOf(admitted);
        refused = Set.copyOf(refused);
        failed = Set.copyOf(failed);
    }

    /**
     * Whether a circuit ignores the outer outcome.
     *
     * @param circuit one of those around the outer call
     * @param ownFailure whether the outcome is a failure that is attributed to the guard's own circuit, which this is
     * @return true if its inner calls have counted already
     */
    boolean hide(CircuitId circuit, boolean ownFailure) {
        return refused.contains(circuit) || admitted.contains(circuit) && !(ownFailure && !failed.contains(circuit));
    }
}
