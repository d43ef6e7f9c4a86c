package dev.interlock.monitor;

import java.util.List;

/**
 * What became of a batch. Immutable.
 *
 * @param accepted how many entries were taken in, those included that had been taken in before
 * @param refused the others, in the order of their indexes
 * @param notStored how many of those that were taken in count, but will not be found in the log
 */
public record Receipt(int accepted, List<Refusal> refused, int notStored) {
    /** Copies the list. */
    public Receipt {
        refused = List.copyOf(refused);
    }

    /**
     * What became of a batch whose entries are all stored.
     *
     * @param accepted how many entries were taken in
     * @param refused the others, in the order of their indexes
     */
    public Receipt(int accepted, List<Refusal> refused) {
        this(accepted, refused, 0);
    }

    /**
     * A batch that was taken in as a whole.
     *
     * @param accepted how many entries it had
     * @return the receipt
     */
    public static Receipt ofAll(int accepted) {
        return new Receipt(accepted, List.of());
    }

    /**
     * An entry that was not taken in, and why.
     *
     * @param index its place in the batch, from 0
     * @param problem what was wrong, where, and what would be right
     */
    public record Refusal(int index, String problem) {}
}
