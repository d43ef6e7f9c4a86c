package dev.interlock.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * How far a store is that first lets processes agree and then makes it last: what {@link CircuitStore#write} took may be
 * lost with the processes until it is. Safe for use by any thread; nothing here blocks.
 */
public interface Durability {
    /** Of a store where everything lasts that it took. */
    Durability AT_ONCE = new Durability() {};

    /**
     * Completes once everything lasts that the store has taken of a circuit up to now.
     *
     * @param organization who owns the circuit
     * @param name what it protects
     * @return a stage that may complete on a thread of the store's, which must not be kept waiting
     */
    default CompletionStage<Void> of(String organization, String name) {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Completes once everything lasts that the store has taken up to now.
     *
     * @return a stage that may complete on a thread of the store's, which must not be kept waiting
     */
    default CompletionStage<Void> ofAll() {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Circuits with changes that do not last yet.
     *
     * @return how many
     */
    default int backlog() {
        return 0;
    }

    /**
     * Whether nothing can be made to last at the moment.
     *
     * @return true while the last attempt failed
     */
    default boolean isAway() {
        return false;
    }
}
