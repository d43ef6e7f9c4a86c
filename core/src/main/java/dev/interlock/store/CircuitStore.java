package dev.interlock.store;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where circuits outlive the process.
 *
 * <p>Never called on the path of a guarded call: at the start by the thread that builds the manager, later by one
 * writer thread of each manager. Several managers, also of several machines, may use one store.
 */
public interface CircuitStore extends AutoCloseable {
    /**
     * Raises the generation by one, durably, and returns it. Two callers never get the same.
     *
     * @return 1 or higher
     * @throws StoreUnavailableException if the store cannot be reached
     */
    long nextGeneration();

    /**
     * Reads all circuits that are not closed and clean, in one pass. A record that cannot be read, and a reader that
     * throws for one, keep no other from being read.
     *
     * @param reader is handed each record once, in no order, on the calling thread
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void readNotClosed(CircuitReader reader);

    /**
     * Reads one circuit.
     *
     * @param organization who owns it
     * @param name what it protects
     * @return its record, or null if there is none
     * @throws StoreUnavailableException if the store cannot be reached
     * @throws UnreadableRecordException if there is one that this version cannot read
     */
    @Nullable
    CircuitRecord find(String organization, String name);

    /**
     * Writes changes, each whole or not at all, and durably. A change is written if there is no record of its
     * circuit, or if {@link CircuitChange#mayFollow} allows it for that record; otherwise the stored record is kept,
     * and neither the state nor the lines of that change are written.
     *
     * @param changes at most one a circuit
     * @return the records that are in the way of changes, in no order; empty if all is written
     * @throws StoreUnavailableException if the store cannot be reached, and the caller tries again; unless it {@linkplain
     *     StoreUnavailableException#mayHaveDone says} that the store was not asked, some or all may be written
     * @throws UnreadableRecordException if a record is in the way of a change that this version cannot read; the
     *     caller tries again without that change
     */
    List<CircuitRecord> write(Collection<CircuitChange> changes);

    /**
     * Whether what {@link #write} took outlives the processes that have it.
     *
     * @return {@link Durability#AT_ONCE} unless this store is more than one
     */
    default Durability durability() {
        return Durability.AT_ONCE;
    }

    /**
     * Begins to report what others write; a store that cannot hear of it reports nothing. Ends with the store, or with
     * {@link #unsubscribe}.
     *
     * @param subscriber hears of changes that are written after this returns
     */
    default void subscribe(CircuitSubscriber subscriber) {}

    /**
     * Ends what {@link #subscribe} began.
     *
     * @param subscriber hears no more once this has returned, except for a call that is under way
     */
    default void unsubscribe(CircuitSubscriber subscriber) {}

    /**
     * Where the processes that use this store count and try circuits of scope {@code shared} together.
     *
     * @return null if they do not: then such circuits are each process' own, and only their moves are shared
     */
    default @Nullable CircuitCoordination coordination() {
        return null;
    }

    /**
     * Where gates outlive the process.
     *
     * @return null if nowhere: then they are each process' own, and end with it
     */
    default @Nullable GateStore gates() {
        return null;
    }

    /**
     * Where the trust in circuits' probes outlives the process.
     *
     * @return null if nowhere: then it is earned again after each start
     */
    default @Nullable ProbeStore probes() {
        return null;
    }

    /** Gives connections and files back. */
    @Override
    void close();
}
