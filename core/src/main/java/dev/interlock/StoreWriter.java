package dev.interlock;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        try {
            thread.join(AT_CLOSE.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long wait = FIRST_WAIT;
        while (!closed) {
            if (moved.isEmpty() && waiting.isEmpty()) {
                LockSupport.park(this);
            } else if (writeNoted()) {
                wait = FIRST_WAIT;
            } else {
                backOff(wait);
                wait = Math.min(2 * wait, LONGEST_WAIT);
            }
        }
        writeNoted(); // what moved while the last flush was under way
    }

    /** Circuits that move meanwhile wake this thread, but do not make the store come back sooner. */
    private void backOff(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !closed; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    /** One pass over everything noted; who was waiting when it began is told once it is stored. */
    private boolean writeNoted() {
        List<CompletableFuture<Boolean>> told = new ArrayList<>(waiting);
        List<CircuitBreaker> batch = new ArrayList<>();
        boolean written = true;
        for (CircuitBreaker circuit : moved) {
            batch.add(circuit);
            if (batch.size() == BATCH) {
                written &= write(batch);
                batch = new ArrayList<>();
                if (!available) {
                    return false;
                }
            }
        }
        written &= batch.isEmpty() || write(batch);
        if (written) {
            available = true;
            told.forEach(stored -> stored.complete(true));
            waiting.removeAll(told);
        }
        return written;
    }

    private boolean write(List<CircuitBreaker> batch) {
        // Taken off before they are read: one that moves from now on is noted anew.
        batch.forEach(moved::remove);
        try {
            store.write(newest(batch));
            available = true;
            return true;
        } catch (StoreUnavailableException away) {
            available = false;
            moved.addAll(batch);
            return false;
        } catch (Throwable refused) {
            return writeOneByOne(batch);
        }
    }

    /** The store refuses something in a batch: the others shall not wait for it. */
    private boolean writeOneByOne(List<CircuitBreaker> batch) {
        boolean all = true;
        for (CircuitBreaker circuit : batch) {
            try {
                store.write(newest(List.of(circuit)));
            } catch (Throwable refused) {
                all = false;
                available = false;
                moved.add(circuit);
                Reporting.report(refused);
            }
        }
        return all;
    }

    /** One record a circuit: one that was evicted and its successor are two objects of one id. */
    private static Collection<CircuitRecord> newest(List<CircuitBreaker> batch) {
        Map<CircuitId, CircuitRecord> records = new LinkedHashMap<>();
        for (CircuitBreaker circuit : batch) {
            records.merge(
                    circuit.id(),
                    CircuitRecords.of(circuit),
                    (one, other) -> one.epoch() >= other.epoch() ? one : other);
        }
        return records.values();
    }
}
