package dev.interlock.store;

/**
 * Takes in what a store has, record by record, on the thread that reads. A store hands over what can be read, reports
 * what cannot, and goes on with the next.
 */
@FunctionalInterface
public interface CircuitReader {
    /**
     * Takes in a record.
     *
     * @param record a circuit that is not closed and clean
     */
    void read(CircuitRecord record);

    /**
     * Whether a record is to be read. A store that knows which epochs it has without reading the records asks this first;
     * others need not.
     *
     * @param organization who owns the circuit
     * @param name what it protects
     * @param epoch the number of the epoch that is stored
     * @return false if the reader has that epoch: then the record is not handed over
     */
    default boolean wants(String organization, String name, long epoch) {
        return true;
    }

    /**
     * A record is there, but this version cannot read it; it is left out.
     *
     * @param unreadable which one, and why
     */
    default void unreadable(UnreadableRecordException unreadable) {}
}
