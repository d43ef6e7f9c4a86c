package dev.interlock.store;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where gates outlive the process, and where other processes find them; a {@link CircuitStore} may have one.
 *
 * <p>Never called on the path of a guarded call: at the start by the thread that builds the manager, later by one thread
 * of each manager. What was removed is kept as a record of its own, so that nobody brings it back.
 */
public interface GateStore {
    /**
     * Reads all gates that are in effect: neither removed nor ended.
     *
     * @param now by the wall clock
     * @return their records, in no order
     * @throws StoreUnavailableException if the store cannot be reached
     */
    List<GateRecord> read(Instant now);

    /**
     * Reads one gate, also one that was removed.
     *
     * @param organization whose calls it refuses
     * @param id its name within the organization
     * @return its record, or null if there is none
     * @throws StoreUnavailableException if the store cannot be reached
     */
    @Nullable
    GateRecord find(String organization, String id);

    /**
     * Writes changes, each whole or not at all, durably, with a line of the audit trail. A change is written if there
     * is no record of its id, or one of a lower version; otherwise the stored record is kept.
     *
     * @param changes at most one an id
     * @return the records that are in the way of changes, in no order; empty if all is written
     * @throws StoreUnavailableException if the store cannot be reached; the caller tries again, and a change that was
     *     written nevertheless is then in its own way
     */
    List<GateRecord> write(Collection<GateRecord> changes);

    /**
     * Which processes use this store, and which gates each obeys.
     *
     * @return null if it does not know
     */
    default @Nullable GateProcesses processes() {
        return null;
    }

    /**
     * Begins to report what others write; a store that cannot hear of it reports nothing. Ends with the store, or with
     * {@link #unsubscribe}.
     *
     * @param subscriber hears of changes that are written after this returns
     */
    default void subscribe(GateSubscriber subscriber) {}

    /**
     * Ends what {@link #subscribe} began.
     *
     * @param subscriber hears no more once this has returned, except for a call that is under way
     */
    default void unsubscribe(GateSubscriber subscriber) {}
}
