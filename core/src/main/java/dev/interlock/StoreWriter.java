package dev.interlock;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Brings circuits that have moved to the store, and what others have stored to the circuits, on one thread of its own;
 * whoever moves a circuit only leaves a note.
 *
 * <p>It notes circuits, not transitions: what is written is a circuit's newest state, however often it moved meanwhile,
 * so a store that is away costs at most one note a circuit. A batch that fails is noted again and tried later. What
 * happens when another process was first is in {@link Shared}.
 */
final class StoreWriter implements AutoCloseable {
    private static final int BATCH = 500;
    private static final long FIRST_WAIT = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(2);
    private static final Duration AT_CLOSE = Duration.ofSeconds(5);

    private final CircuitStore store;
    private final Shared shared;
    private final @Nullable Fleet fleet;
    private final long generation;
    private final ConcurrentMap<CircuitBreaker, Note> notes = new ConcurrentHashMap<>();
    private final Queue<CompletableFuture<Boolean>> flushing = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean available = true;

    /** Whether something that was just written is not yet as safe as it should be; only for the thread. */
    private boolean behind;

    private volatile boolean closed;

    StoreWriter(CircuitStore store, CircuitBreakerManager manager, long generation) {
        this.store = store;
        this.generation = generation;
        thread = new Thread(this::run, "interlock-store");
        thread.setDaemon(true);
        fleet = manager.fleet();
        shared = new Shared(
                store, manager, generation, () -> LockSupport.unpark(thread), circuit -> note(circuit, Note.again()));
    }

    /** Hears of others from now on; what they do waits until the thread {@linkplain #start starts}. */
    void subscribe() {
        store.subscribe(shared);
    }

    /** Starts to write, once what the store has is known. */
    void start() {
        thread.start();
    }

    /** Tells that a circuit begins as the store has it. */
    void resumed(CircuitBreaker circuit, CircuitRecord record) {
        if (fleet != null && !fleet.isTogether()) {
            shared.begins(circuit);
        } else {
            shared.follows(circuit, record);
        }
    }

    /** Forgets what the store has of a circuit that is gone. */
    void forget(CircuitId id) {
        shared.forget(id);
    }

    /** Reads a circuit again, since what the store has of it is not what was thought. */
    void lookAgain(CircuitId id) {
        shared.onDoubt(id);
    }

    /** The epoch of the stored record that an epoch agrees with; null while its beginning is not written. */
    @Nullable
    Long basis(CircuitBreaker circuit, Epoch epoch) {
        return notes.containsKey(circuit) ? null : shared.basis(circuit.id(), epoch);
    }

    /** Notes a circuit that has moved. */
    void note(CircuitBreaker circuit, StateTransition transition) {
        Note note = Note.of(CircuitRecords.of(transition));
        boolean detached = fleet != null && !fleet.isTogether() && circuit.policy().scope != null;
        note(circuit, detached ? note.detached() : note);
    }

    /** Notes an order that changed nothing. */
    void noteRepeated(CircuitBreaker circuit, ManualOverride override, Instant at) {
        note(circuit, Note.of(CircuitRecords.repeated(circuit, override, at)));
    }

    /** Notes a suggestion that ended a cooldown; no order, so it gives way to what others have stored. */
    void noteHastened(CircuitBreaker circuit, ManualOverride suggestion, Instant at) {
        note(circuit, Note.of(CircuitRecords.hastened(circuit, suggestion, at)));
    }

    /** Completes once all that was noted of a circuit before is stored. */
    CompletionStage<Boolean> stored(CircuitBreaker circuit) {
        CompletableFuture<Boolean> waiting = new CompletableFuture<>();
        note(circuit, Note.of(waiting));
        return waiting;
    }

    /** Whether the last attempt to write succeeded. */
    boolean isAvailable() {
        return available;
    }

    /** Circuits whose newest state is not stored yet. */
    int backlog() {
        return notes.size();
    }

    /** Waits until all that was noted before is stored; false if that took too long. */
    boolean flush(Duration atMost) {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        flushing.add(stored);
        LockSupport.unpark(thread);
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

    /** Stores what is left, for at most five seconds, and stops. */
    @Override
    public void close() {
        store.unsubscribe(shared);
        if (thread.isAlive()) {
            flush(AT_CLOSE);
        }
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(AT_CLOSE.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(CircuitBreaker circuit, Note note) {
        notes.merge(circuit, note, Note::and);
        LockSupport.unpark(thread);
    }

    private void run() {
        long wait = FIRST_WAIT;
        while (!closed) {
            if (notes.isEmpty() && flushing.isEmpty() && !shared.hasNews()) {
                LockSupport.park(this);
            } else if (exchange()) {
                wait = FIRST_WAIT;
            } else {
                backOff(wait);
                wait = Math.min(2 * wait, LONGEST_WAIT);
            }
        }
        exchange(); // what moved while the last flush was under way
    }

    /** Circuits that move meanwhile wake this thread, but do not make the store come back sooner. */
    private void backOff(long nanos) {
        long end = System.nanoTime() + nanos;
        int gaps = shared.gaps();
        for (long left = nanos; left > 0 && !closed && gaps == shared.gaps(); left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    /** Writes first: what is under way here is then decided before others are heard. */
    private boolean exchange() {
        boolean written = writeNoted();
        return hear() && written; // what cannot be written now keeps nobody from being heard
    }

    private boolean hear() {
        try {
            shared.hear();
            return true;
        } catch (StoreUnavailableException away) {
            available = false;
            return false;
        } catch (Throwable failed) {
            Reporting.report(failed);
            return false;
        }
    }

    /** One pass over everything noted; who was waiting when it began is told once it is stored. */
    private boolean writeNoted() {
        List<CompletableFuture<Boolean>> told = new ArrayList<>(flushing);
        List<CircuitBreaker> batch = new ArrayList<>();
        boolean written = true;
        for (CircuitBreaker circuit : notes.keySet()) {
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
            flushing.removeAll(told);
        }
        return written;
    }

    /** Writes until nothing stands in the way that has to give way; false if the store is away or refuses something. */
    private boolean write(List<CircuitBreaker> batch) {
        List<CircuitBreaker> left = batch;
        boolean all = true;
        while (!left.isEmpty()) {
            // Taken off before they are read: one that moves from now on is noted anew.
            Map<CircuitBreaker, Note> taken = take(left);
            try {
                behind = false;
                left = writeOnce(taken);
                available = !behind;
                all &= available;
            } catch (StoreUnavailableException away) {
                available = false;
                putBack(taken, true);
                return false;
            } catch (Throwable refused) {
                if (taken.size() == 1) {
                    available = false;
                    putBack(taken, false);
                    Reporting.report(refused);
                    return false;
                }
                // The store refuses something in a batch: the others shall not wait for it.
                putBack(taken, false);
                for (CircuitBreaker circuit : taken.keySet()) {
                    all &= write(List.of(circuit));
                }
                available &= all;
                return all;
            }
        }
        return all;
    }

    /** Returns the circuits that have to be written again, since another process was first. */
    private List<CircuitBreaker> writeOnce(Map<CircuitBreaker, Note> taken) {
        taken.entrySet().removeIf(entry -> yields(entry.getKey(), entry.getValue()));
        Map<CircuitId, CircuitChange> changes = new LinkedHashMap<>();
        taken.forEach((circuit, note) -> changes.merge(circuit.id(), change(circuit, note), StoreWriter::both));
        Map<CircuitId, CircuitRecord> standing = new HashMap<>();
        if (!changes.isEmpty()) {
            store.write(changes.values()).forEach(record -> standing.put(CircuitRecords.id(record), record));
        }
        List<CircuitBreaker> again = new ArrayList<>();
        taken.forEach((circuit, note) -> {
            CircuitRecord inTheWay = standing.get(circuit.id());
            CircuitRecord ours =
                    Objects.requireNonNull(changes.get(circuit.id())).record();
            if (inTheWay == null) {
                shared.wrote(ours);
                if (store.isBehind(circuit.id().organization(), circuit.id().name())) {
                    behind = true;
                    note(circuit, note.withoutLines());
                } else {
                    note.tellStored();
                }
            } else if (shared.givesWay(circuit, ours, inTheWay, note)) {
                note.tellStored(); // there is nothing of ours left to store
            } else {
                note(circuit, note);
                again.add(circuit);
            }
        });
        return again;
    }

    /** What moved by itself while nobody could be asked gives way before it is written. */
    private boolean yields(CircuitBreaker circuit, Note note) {
        if (!note.givesWayOnReturn() || !shared.yields(circuit)) {
            return false;
        }
        note.tellStored();
        return true;
    }

    private CircuitChange change(CircuitBreaker circuit, Note note) {
        List<TransitionRecord> lines = note.lines();
        return new CircuitChange(CircuitRecords.of(circuit, generation), shared.basis(circuit.id()), lines);
    }

    /** A circuit that was evicted and its successor are two objects of one id. */
    private static CircuitChange both(CircuitChange one, CircuitChange other) {
        List<TransitionRecord> lines = new ArrayList<>(one.transitions());
        lines.addAll(other.transitions());
        CircuitRecord newer = one.record().epoch() >= other.record().epoch() ? one.record() : other.record();
        return new CircuitChange(newer, one.basis(), lines);
    }

    private Map<CircuitBreaker, Note> take(List<CircuitBreaker> circuits) {
        Map<CircuitBreaker, Note> taken = new LinkedHashMap<>();
        for (CircuitBreaker circuit : circuits) {
            Note note = notes.remove(circuit);
            if (note != null) {
                taken.put(circuit, note);
            }
        }
        return taken;
    }

    /**
     * Notes again what was not written.
     *
     * @param away whether nobody could be asked: a shared circuit's own moves are old by the time they could be written
     */
    private void putBack(Map<CircuitBreaker, Note> taken, boolean away) {
        taken.forEach((circuit, note) -> {
            boolean detached = away && circuit.policy().scope != null;
            notes.merge(circuit, detached ? note.detached() : note, Note::and);
        });
    }
}
