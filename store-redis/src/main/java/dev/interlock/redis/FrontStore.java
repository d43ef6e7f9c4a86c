package dev.interlock.redis;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.GateStore;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;

/** A store where processes agree, in front of a database: Redis, or what a test has in its place. */
interface FrontStore extends CircuitStore {
    /** Whether this process goes by what the others say; false while they cannot be asked. */
    boolean isAttached();

    /**
     * Raises the generation above what is known here and to a least one.
     *
     * @param least 1 or higher
     * @return the new generation, which no other caller gets
     * @throws StoreUnavailableException if the store cannot be reached
     */
    long raiseGeneration(long least);

    @Override
    CircuitCoordination coordination();

    @Override
    GateStore gates();

    @Override
    ProbeStore probes();
}
