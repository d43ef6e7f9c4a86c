package dev.interlock;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Who waits until something is stored, and lasts: for one circuit by its note, or for all that was noted before. What
 * depends on that is the user's code: it runs on the executor, or on a thread aside, never on the writer's.
 */
@SuppressWarnings("CollectionUndefinedEquality") // a future is equal to itself alone, as is meant
final class Completions {
    private final CircuitStore store;
    private final Executor executor;
    private final Queue<CompletableFuture<Boolean>> flushing = new ConcurrentLinkedQueue<>();

    Completions(CircuitStore store, Executor executor) {
        this.store = store;
        this.executor = executor;
    }

    /** Waits until all that was noted before is stored; false if that took too long. */
    boolean flush(Duration atMost, Runnable wake) {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        flushing.add(stored);
        wake.run();
        try {
            return stored.get(Nanos.of(atMost), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException | ExecutionException notStored) {
            return false;
        } finally {
            flushing.remove(stored);
        }
    }

    boolean isFlushing() {
        return !flushing.isEmpty();
    }

    /** Those that wait for all that is noted now. */
    List<CompletableFuture<Boolean>> flushing() {
        return new ArrayList<>(flushing);
    }

    /** All that these waited for is written: they hear of it once it lasts. */
    void flushed(List<CompletableFuture<Boolean>> waiting) {
        flushing.removeAll(waiting);
        waiting.forEach(
                each -> store.durability().ofAll().whenComplete((done, failed) -> each.complete(failed == null)));
    }

    /** A circuit is written: who waits for it hears of it once that lasts. */
    void written(CircuitId id, Note note) {
        Failpoint.WRITTEN_UNHEARD.reach();
        if (!note.waiting().isEmpty()) {
            store.durability()
                    .of(id.organization(), id.name())
                    .whenComplete((done, failed) -> complete(note, failed == null));
        }
    }

    /** Who waits for a circuit hears whether it is stored; many may have given up. */
    void complete(Note note, boolean stored) {
        for (CompletableFuture<Boolean> each : note.waiting()) {
            try {
                each.completeAsync(() -> stored, executor);
            } catch (RejectedExecutionException full) {
                each.completeAsync(() -> stored);
            }
        }
    }
}
