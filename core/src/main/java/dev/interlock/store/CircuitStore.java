package dev.interlock.store;

import java.util.Collection;
import java.util.function.Consumer;

/**
 * Where circuits outlive the process.
 *
 * <p>Never called on the path of a guarded call: at the start by the thread that builds the manager, later by one
 * writer thread of each manager. Several managers, also of several machines, may use one store.
 */
public interface CircuitStore extends AutoCloseable {
    /**
     * Raises the generation by one, durably, and tells it. Two callers never get the same.
     *
     * @return 1 or higher
     * @throws StoreUnavailableException if the store cannot be reached
     */
    long nextGeneration();

    /**
     * Reads all circuits that are not plainly closed, in one pass.
     *
     * @param reader is handed each record once, in no order, on the calling thread
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void readNotPlainlyClosed(Consumer<CircuitRecord> reader);

    /**
     * Writes records, all or none. A record never overwrites one of a higher epoch; with an equal epoch it does, since
     * a stay's figures and cooldown may change.
     *
     * @param records at most one a circuit
     * @throws StoreUnavailableException if the store cannot be reached; nothing was written, and the caller tries again
     */
    void write(Collection<CircuitRecord> records);

    /** Gives connections and files back. */
    @Override
    void close();
}
