package dev.interlock.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What is durable in a store that first lets processes agree and makes changes durable later. Until then a change that
 * {@link CircuitStore#write} took may be lost with the processes. Safe for use by any thread; nothing here blocks.
 */
public interface Durability {
    /** For a store that makes every change durable at once. */
    Durability AT_ONCE = new Durability() {};

    /**
     * Completes once everything that the store has taken of a circuit up to now is durable.
     *
     * @param organization who owns the circuit
     * @param name what it protects
     * @return a stage that may complete on a thread of the store's, which must not be kept waiting
     */
    default CompletionStage<Void> of(String organization, String name) {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Completes once everything that the store has taken up to now is durable.
     *
     * @return a stage that may complete on a thread of the store's, which must not be kept waiting
     */
    default CompletionStage<Void> ofAll() {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Circuits with changes that are not durable yet.
     *
     * @return how many
     */
    default int backlog() {
        return 0;
    }

    /**
     * Whether nothing can be made durable at the moment.
     *
     * @return true while the last attempt failed
     */
    default boolean isAway() {
        return false;
    }
}
