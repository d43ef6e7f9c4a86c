package dev.interlock;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.threads.Worker;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings circuits that have moved to the store, and has {@link News} taken in, on one thread of its own; what moves a
 * circuit only leaves a note. What the thread does is in {@link StoreRounds}.
 *
 * <p>It notes circuits, not transitions: what is written is a circuit's newest state, however often it moved meanwhile,
 * so a store that is away costs at most one note a circuit.
 */
final class StoreWriter implements AutoCloseable {
    private static final Duration AT_CLOSE = Duration.ofSeconds(5);

    private final CircuitStore store;
    private final Residents circuits;
    private final StoreRounds rounds;
    private final Worker worker;
    private volatile boolean started;
    private volatile boolean closed;

    /** @param executor where what depends on {@link #stored} runs */
    StoreWriter(CircuitStore store, Residents circuits, long generation, Executor executor) {
        this.store = store;
        this.circuits = circuits;
        rounds = new StoreRounds(store, circuits, generation, executor, this::wake, System::nanoTime);
        worker = new Worker("interlock-store", new Worker.Turn() {
            @Override
            public long take() {
                return rounds.round(closed);
            }

            @Override
            public boolean isOwed() {
                return !closed && rounds.isOwed();
            }
        });
    }

    /** Hears of others from now on; what they do waits until the thread {@linkplain #start starts}. */
    void subscribe() {
        store.subscribe(rounds.news);
    }

    /** Hands over what the store has, record by record; what cannot be read or taken in is reported and left out. */
    void restore(Consumer<CircuitRecord> taker) {
        rounds.news.restore(taker);
    }

    /** Starts to write, once what the store has is known. */
    void start() {
        started = true;
        wake();
    }

    /** A circuit begins as the store has it. */
    void resumed(CircuitBreaker circuit, CircuitRecord record) {
        if (circuits.isDetached()) {
            rounds.agreements.begins(circuit);
        } else {
            rounds.agreements.follows(circuit, record);
        }
    }

    /** Whether something of a circuit is still to be written; such a circuit must not be evicted. */
    boolean isUnwritten(CircuitBreaker circuit) {
        return rounds.notes.isUnwritten(circuit);
    }

    /** Forgets what the store has of a circuit that was evicted, unless something of it is still to be written. */
    void forget(CircuitBreaker evicted) {
        rounds.agreements.forget(evicted);
    }

    /** Reads a circuit again, since what the store has of it is not what was thought. */
    void lookAgain(CircuitId id) {
        rounds.news.onDoubt(id);
    }

    /** The epoch of the stored record that an epoch agrees with; null while its beginning is not written. */
    @Nullable
    Long basis(CircuitBreaker circuit, Epoch epoch) {
        return rounds.notes.isWaiting(circuit) ? null : rounds.agreements.basis(circuit.id(), epoch);
    }

    /** Notes a circuit that has moved. */
    void note(CircuitBreaker circuit, StateTransition transition) {
        Note note = Note.of(CircuitRecords.of(transition));
        boolean detached = circuit.policy().fleet != null && circuits.isDetached();
        rounds.note(circuit, detached ? note.detached() : note);
    }

    /** Notes an override that changed nothing. */
    void noteRepeated(CircuitBreaker circuit, ManualOverride override, Instant at) {
        rounds.note(circuit, Note.of(CircuitRecords.repeated(circuit.snapshot(), override, at)));
    }

    /** Notes a suggestion that ended a cooldown; no override, so it gives way to what others have stored. */
    void noteHastened(CircuitBreaker circuit, ManualOverride suggestion, Instant at) {
        rounds.note(circuit, Note.of(CircuitRecords.hastened(circuit.snapshot(), suggestion, at)));
    }

    /** Completes once all that was noted of a circuit before is stored, and lasts; what depends on it runs elsewhere. */
    CompletionStage<Boolean> stored(CircuitBreaker circuit) {
        CompletableFuture<Boolean> waiting = new CompletableFuture<>();
        rounds.note(circuit, Note.of(waiting));
        return waiting;
    }

    /** Whether the last attempts to write and to read succeeded. */
    boolean isAvailable() {
        return rounds.isAvailable();
    }

    /** Circuits whose newest state is not stored yet, or does not last yet. */
    int backlog() {
        return Math.max(rounds.notes.size(), store.durability().backlog());
    }

    /** How long the oldest change waits to be stored. */
    Duration lag() {
        return Duration.ofNanos(rounds.notes.lag(System.nanoTime()));
    }

    /** Waits until all that was noted before is stored; false if that took too long. */
    boolean flush(Duration atMost) {
        if (worker.isCurrent()) {
            return false; // it would wait for itself
        }
        return rounds.completions.flush(atMost, this::wake);
    }

    /** Stores what is left, for at most five seconds, and stops. */
    @Override
    public void close() {
        close(AT_CLOSE);
    }

    /** Stores what is left, and stops; a store that hangs is left to the thread, which ends once it returns. */
    void close(Duration atMost) {
        long end = System.nanoTime() + Nanos.of(atMost);
        store.unsubscribe(rounds.news);
        if (started) {
            flush(atMost);
        }
        closed = true;
        worker.close(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    }

    /** How the thread does. */
    WorkerFigures figures() {
        return worker.figures();
    }

    private void wake() {
        if (started) {
            worker.wake();
        }
    }
}
