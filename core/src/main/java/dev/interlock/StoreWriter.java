package dev.interlock;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings circuits that have moved to the store, on one thread of its own; whoever moves one only leaves a note.
 *
 * <p>It notes circuits, not transitions: what is written is a circuit's newest state, however often it moved meanwhile,
 * so a store that is away costs at most one note a circuit. A batch that fails is noted again and tried later.
 */
final class StoreWriter implements AutoCloseable {
    private static final int BATCH = 500;
    private static final long FIRST_WAIT = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(2);
    private static final Duration AT_CLOSE = Duration.ofSeconds(5);

    private final CircuitStore store;
    private final Collection<CircuitBreaker> moved = ConcurrentHashMap.newKeySet();
    private final Queue<CompletableFuture<Boolean>> waiting = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean available = true;
    private volatile boolean closed;

    StoreWriter(CircuitStore store) {
        this.store = store;
        thread = new Thread(this::run, "interlock-store");
        thread.setDaemon(true);
        thread.start();
    }

    /** Notes a circuit that has moved. Takes no lock. */
    void note(CircuitBreaker circuit) {
        moved.add(circuit);
        LockSupport.unpark(thread);
    }

    /** Whether the last attempt to write succeeded. */
    boolean isAvailable() {
        return available;
    }

    /** Circuits whose newest state is not stored yet. */
    int backlog() {
        return moved.size();
    }

    /** Waits until all that was noted before is stored; false if that took too long. */
    boolean flush(Duration atMost) {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        waiting.add(stored);
        LockSupport.unpark(thread);
        try {
            return stored.get(Nanos.of(atMost), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException | ExecutionException notStored) {
            return false;
        } finally {
            waiting.remove(stored);
        }
    }

    /** Stores what is left, for at most five seconds, and stops. */
    @Override
    public void close() {
        flush(AT_CLOSE);
        closed = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        long wait = FIRST_WAIT;
        while (!closed) {
            if (moved.isEmpty() && waiting.isEmpty()) {
                LockSupport.park(this);
            } else if (writeNoted()) {
                wait = FIRST_WAIT;
            } else {
                available = false;
                LockSupport.parkNanos(this, wait);
                wait = Math.min(2 * wait, LONGEST_WAIT);
            }
        }
    }

    /** One pass over everything noted; who was waiting when it began is told once it is stored. */
    private boolean writeNoted() {
        List<CompletableFuture<Boolean>> told = new ArrayList<>(waiting);
        List<CircuitBreaker> batch = new ArrayList<>();
        for (CircuitBreaker circuit : moved) {
            batch.add(circuit);
            if (batch.size() == BATCH && !write(batch)) {
                return false;
            }
        }
        if (!batch.isEmpty() && !write(batch)) {
            return false;
        }
        available = true;
        told.forEach(stored -> stored.complete(true));
        waiting.removeAll(told);
        return true;
    }

    private boolean write(List<CircuitBreaker> batch) {
        // Taken off before they are read: one that moves from now on is noted anew.
        batch.forEach(moved::remove);
        List<CircuitRecord> records = new ArrayList<>(batch.size());
        batch.forEach(circuit -> records.add(CircuitRecords.of(circuit)));
        try {
            store.write(records);
            return true;
        } catch (RuntimeException unavailable) {
            moved.addAll(batch);
            return false;
        } finally {
            batch.clear();
        }
    }
}
