package dev.interlock.store;

import java.util.List;

/**
 * What is to be written of one circuit: its newest state, and the lines of its audit trail that led there. Immutable.
 *
 * @param record the circuit as it is now
 * @param basis the epoch of the stored record that this change builds on, or {@link #CLOSED_AND_CLEAN}
 * @param transitions lines for the audit trail, the oldest first; may be empty
 */
public record CircuitChange(CircuitRecord record, long basis, List<TransitionRecord> transitions) {
    /** The basis of a change whose writer knows of no stored record, or of one that is closed and clean. */
    public static final long CLOSED_AND_CLEAN = -1;

    /** Copies the lines. */
    public CircuitChange {
        transitions = List.copyOf(transitions);
    }

    /**
     * A change without lines for the audit trail, by a writer that knows of no stored record.
     *
     * @param record the circuit as it is now
     * @return the change
     */
    public static CircuitChange of(CircuitRecord record) {
        return new CircuitChange(record, CLOSED_AND_CLEAN, List.of());
    }

    /**
     * Whether this change may be written over a stored record: if it is not older, and if the record is the one that it
     * builds on. Of two writers that start from the same record, the first wins.
     *
     * @param stored what is stored now
     * @return false if the stored record is kept
     */
    public boolean mayFollow(CircuitRecord stored) {
        if (stored.epoch() == basis) {
            return record.epoch() >= stored.epoch();
        }
        return basis == CLOSED_AND_CLEAN && stored.isClosedAndClean() && record.epoch() > stored.epoch();
    }
}
