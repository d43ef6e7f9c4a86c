package dev.interlock.store;

import java.time.Instant;
import java.util.Collection;
import java.util.function.Consumer;

/**
 * Where the trust in circuits' probes outlives the process, and where other processes find it; a {@link CircuitStore} may
 * have one. Never called on the path of a guarded call, but by one thread of each manager.
 */
public interface ProbeStore {
    /**
     * Reads what has changed since a time; what is older may be forgotten.
     *
     * @param since by the wall clock
     * @param reader is handed each record once, in no order, on the calling thread
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void read(Instant since, Consumer<ProbeRecord> reader);

    /**
     * Writes changes durably; one is ignored if a newer record of its circuit is stored.
     *
     * @param changes at most one a circuit
     * @throws StoreUnavailableException if the store cannot be reached, and the caller tries again
     */
    void write(Collection<ProbeRecord> changes);

    /**
     * Forgets what has not changed since a time.
     *
     * @param before by the wall clock
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void forget(Instant before);

    /**
     * Whether other processes may write here, so that it is worth reading again.
     *
     * @return false if the store is this process' alone
     */
    boolean isShared();
}
