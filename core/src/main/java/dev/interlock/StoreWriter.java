package dev.interlock;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import dev.interlock.threads.Reporting;
import dev.interlock.threads.Worker;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings circuits that have moved to the store, and has {@link News} taken in, on one thread of its own; what moves a
 * circuit only leaves a note.
 *
 * <p>It notes circuits, not transitions: what is written is a circuit's newest state, however often it moved meanwhile,
 * so a store that is away costs at most one note a circuit. A batch that fails is noted again and tried later; a change
 * that the store refuses waits by itself, and holds up no other. Who gives way is in {@link Agreement}.
 */
final class StoreWriter implements AutoCloseable {
    private static final int TRIES = 5;
    private static final Duration AT_CLOSE = Duration.ofSeconds(5);

    private final CircuitStore store;
    private final Residents circuits;
    private final Completions completions;
    private final Agreements agreements;
    private final News news;
    private final long generation;
    private final Notes notes = new Notes();
    private final Worker worker;
    private volatile boolean started;
    private final Backoff writing = new Backoff();
    private final Backoff reading = new Backoff();

    /** Circuits that the store refuses, and when each is tried again; only for the thread. */
    private final Map<CircuitBreaker, Backoff> refused = new HashMap<>();

    private int gapsSeen;
    private boolean asked;
    private volatile boolean writes = true;
    private volatile boolean reads = true;
    private volatile boolean closed;

    /** @param executor where what depends on {@link #stored} runs */
    StoreWriter(CircuitStore store, Residents circuits, long generation, Executor executor) {
        this.store = store;
        this.circuits = circuits;
        this.generation = generation;
        this.completions = new Completions(store, executor);
        worker = new Worker("interlock-store", new Worker.Turn() {
            @Override
            public long take() {
                return round();
            }

            @Override
            public boolean isOwed() {
                return !closed && (!notes.isEmpty() || completions.isFlushing());
            }
        });
        boolean oneClock = store.coordination() != null;
        agreements = new Agreements(circuits, generation, oneClock, circuit -> note(circuit, Note.again()));
        news = new News(store, agreements, circuits, generation, this::wake);
    }

    /** Hears of others from now on; what they do waits until the thread {@linkplain #start starts}. */
    void subscribe() {
        store.subscribe(news);
    }

    /** Hands over what the store has, record by record; what cannot be read or taken in is reported and left out. */
    void restore(Consumer<CircuitRecord> taker) {
        news.restore(taker);
    }

    /** Starts to write, once what the store has is known. */
    void start() {
        started = true;
        wake();
    }

    /** A circuit begins as the store has it. */
    void resumed(CircuitBreaker circuit, CircuitRecord record) {
        if (circuits.isDetached()) {
            agreements.begins(circuit);
        } else {
            agreements.follows(circuit, record);
        }
    }

    /** Whether something of a circuit is still to be written; such a circuit must not be evicted. */
    boolean isUnwritten(CircuitBreaker circuit) {
        return notes.isUnwritten(circuit);
    }

    /** Forgets what the store has of a circuit that was evicted, unless something of it is still to be written. */
    void forget(CircuitBreaker evicted) {
        agreements.forget(evicted);
    }

    /** Reads a circuit again, since what the store has of it is not what was thought. */
    void lookAgain(CircuitId id) {
        news.onDoubt(id);
    }

    /** The epoch of the stored record that an epoch agrees with; null while its beginning is not written. */
    @Nullable
    Long basis(CircuitBreaker circuit, Epoch epoch) {
        return notes.isWaiting(circuit) ? null : agreements.basis(circuit.id(), epoch);
    }

    /** Notes a circuit that has moved. */
    void note(CircuitBreaker circuit, StateTransition transition) {
        Note note = Note.of(CircuitRecords.of(transition));
        boolean detached = circuit.policy().fleet != null && circuits.isDetached();
        note(circuit, detached ? note.detached() : note);
    }

    /** Notes an override that changed nothing. */
    void noteRepeated(CircuitBreaker circuit, ManualOverride override, Instant at) {
        note(circuit, Note.of(CircuitRecords.repeated(circuit.snapshot(), override, at)));
    }

    /** Notes a suggestion that ended a cooldown; no override, so it gives way to what others have stored. */
    void noteHastened(CircuitBreaker circuit, ManualOverride suggestion, Instant at) {
        note(circuit, Note.of(CircuitRecords.hastened(circuit.snapshot(), suggestion, at)));
    }

    /** Completes once all that was noted of a circuit before is stored, and lasts; what depends on it runs elsewhere. */
    CompletionStage<Boolean> stored(CircuitBreaker circuit) {
        CompletableFuture<Boolean> waiting = new CompletableFuture<>();
        note(circuit, Note.of(waiting));
        return waiting;
    }

    /** Whether the last attempts to write and to read succeeded. */
    boolean isAvailable() {
        return writes && reads && !store.durability().isAway();
    }

    /** Circuits whose newest state is not stored yet, or does not last yet. */
    int backlog() {
        return Math.max(notes.size(), store.durability().backlog());
    }

    /** How long the oldest change waits to be stored. */
    Duration lag() {
        return Duration.ofNanos(notes.lag(System.nanoTime()));
    }

    /** Waits until all that was noted before is stored; false if that took too long. */
    boolean flush(Duration atMost) {
        if (worker.isCurrent()) {
            return false; // it would wait for itself
        }
        return completions.flush(atMost, this::wake);
    }

    /** Stores what is left, for at most five seconds, and stops. */
    @Override
    public void close() {
        close(AT_CLOSE);
    }

    /** Stores what is left, and stops; a store that hangs is left to the thread, which ends once it returns. */
    void close(Duration atMost) {
        long end = System.nanoTime() + Nanos.of(atMost);
        store.unsubscribe(news);
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

    private void note(CircuitBreaker circuit, Note note) {
        notes.add(circuit, note);
        wake();
    }

    private void wake() {
        if (started) {
            worker.wake();
        }
    }

    /**
     * Writes first: what is under way here is then decided before others are heard. Circuits that move meanwhile wake this
     * thread, but do not make the store come back sooner.
     *
     * @return how long there is nothing to do
     */
    private long round() {
        if (closed) {
            writeNoted(); // what moved while the last flush was under way
            return Worker.Turn.UNTIL_WOKEN;
        }
        if (gapsSeen != news.gaps()) { // a store that is back reports a gap
            gapsSeen = news.gaps();
            writing.reset();
            reading.reset();
        }
        if (untilWriting(System.nanoTime()) == 0) {
            writing.ended(writeNoted(), System.nanoTime());
        }
        news.hear();
        if (news.hasToRead() && reading.left(System.nanoTime()) == 0) {
            reading.ended(read(), System.nanoTime());
        }
        long now = System.nanoTime();
        long wait = Math.min(untilWriting(now), news.hasToRead() ? reading.left(now) : Worker.Turn.UNTIL_WOKEN);
        return news.hasNews() ? 0 : wait;
    }

    /** How long until there is something to write; {@link Long#MAX_VALUE} if there is nothing. */
    private long untilWriting(long now) {
        if (notes.isEmpty() && !completions.isFlushing()) {
            return Long.MAX_VALUE;
        }
        long away = writing.left(now);
        if (away > 0 || refused.isEmpty() || notes.circuits().stream().anyMatch(each -> !refused.containsKey(each))) {
            return away;
        }
        return refused.values().stream().mapToLong(each -> each.left(now)).min().orElse(0);
    }

    private boolean read() {
        try {
            news.read();
            reads = true;
            return true;
        } catch (Throwable failed) {
            reads = false;
            if (!(failed instanceof StoreUnavailableException)) {
                Reporting.report(failed);
            }
            return false;
        }
    }

    /**
     * One pass over everything noted that is due; who was waiting when it began hears once all is stored.
     *
     * @return false if the store is away
     */
    private boolean writeNoted() {
        List<CompletableFuture<Boolean>> waiting = completions.flushing();
        refused.keySet().removeIf(circuit -> !notes.isWaiting(circuit));
        long now = System.nanoTime();
        boolean there = true;
        for (List<CircuitBreaker> batch :
                WriteOrder.of(notes.circuits(), each -> refused.containsKey(each) && !closed, notes::mustAskFirst)) {
            Backoff backoff = refused.get(batch.get(0));
            if (closed || backoff == null || backoff.left(now) == 0) {
                there = write(batch) && there;
            }
            if (!there && asked) {
                return false; // it took its time to say so: the others would wait as long
            }
        }
        writes = there && refused.isEmpty();
        if (writes) {
            completions.flushed(waiting);
        }
        return there;
    }

    /** Writes until nothing stands in the way that has to give way; false if the store is away. */
    private boolean write(List<CircuitBreaker> batch) {
        List<CircuitBreaker> left = batch;
        for (int i = 0; i < TRIES && !left.isEmpty(); i++) {
            Map<CircuitBreaker, Note> taken = notes.take(left);
            try {
                left = writeOnce(taken);
                left.forEach(refused::remove);
                taken.keySet().forEach(refused::remove);
            } catch (StoreUnavailableException away) {
                writes = false;
                asked = away.mayHaveDone();
                notes.putBack(taken, true);
                return false;
            } catch (Throwable failed) {
                return refuse(taken, failed);
            } finally {
                notes.written(taken.keySet());
            }
        }
        left.forEach(this::refuse); // others write the same circuits all the time, or so the store says
        return true;
    }

    /** The store refuses something: the others shall not wait for it. */
    private boolean refuse(Map<CircuitBreaker, Note> taken, Throwable failed) {
        if (taken.size() > 1) {
            notes.putBack(taken, false);
            return taken.keySet().stream().allMatch(circuit -> write(List.of(circuit)));
        }
        taken.forEach((circuit, note) -> {
            if (failed instanceof UnreadableRecordException unreadable) {
                news.onUnreadable(unreadable);
                refused.remove(circuit);
                completions.complete(note, false); // what is there stays, and this circuit goes on without the store
            } else {
                notes.putBack(taken, false);
                refuse(circuit);
                Reporting.report(failed);
            }
        });
        return true;
    }

    private void refuse(CircuitBreaker circuit) {
        refused.computeIfAbsent(circuit, made -> new Backoff()).ended(false, System.nanoTime());
    }

    /** Returns the circuits that have to be written again, since another process was first. */
    private List<CircuitBreaker> writeOnce(Map<CircuitBreaker, Note> taken) {
        Failpoint.NOTES_TAKEN.reach();
        taken.entrySet().removeIf(entry -> yields(entry.getKey(), entry.getValue()));
        Map<CircuitId, CircuitChange> changes = new LinkedHashMap<>();
        taken.forEach((circuit, note) -> changes.merge(circuit.id(), change(circuit, note), CircuitRecords::both));
        Map<CircuitId, CircuitRecord> standing = new HashMap<>();
        if (!changes.isEmpty()) {
            try {
                store.write(changes.values()).forEach(record -> standing.put(CircuitRecords.id(record), record));
            } catch (StoreUnavailableException away) {
                if (away.mayHaveDone()) {
                    taken.replaceAll((circuit, note) -> note.withoutAnswer());
                }
                throw away;
            }
        }
        Failpoint.CIRCUITS_WRITTEN.reach();
        List<CircuitBreaker> again = new ArrayList<>();
        taken.forEach((circuit, note) -> {
            CircuitRecord inTheWay = standing.get(circuit.id());
            CircuitRecord ours =
                    Objects.requireNonNull(changes.get(circuit.id())).record();
            if (inTheWay == null) {
                agreements.wrote(ours);
                completions.written(circuit.id(), note);
                if (circuit.isEvicted()) {
                    agreements.wroteEvicted(circuit.id());
                }
            } else if (agreements.givesWay(circuit, ours, inTheWay, note)) {
                completions.complete(note, true); // there is nothing of ours left to store
            } else {
                note(circuit, note);
                again.add(circuit);
            }
        });
        return again;
    }

    /** What moved by itself while nobody could be asked gives way before it is written. */
    private boolean yields(CircuitBreaker circuit, Note note) {
        if (!note.givesWayOnReturn()) {
            return false;
        }
        CircuitRecord theirs =
                store.find(circuit.id().organization(), circuit.id().name());
        if (!agreements.yields(circuit, note, theirs, news.isForgotten())) {
            return false;
        }
        completions.complete(note, true);
        return true;
    }

    private CircuitChange change(CircuitBreaker circuit, Note note) {
        CircuitSnapshot now = circuit.snapshot();
        CircuitRecord record = CircuitRecords.of(now, circuits.wallTime(), circuit.cooldownLeft(now), generation);
        return new CircuitChange(record, agreements.basis(circuit.id()), note.lines());
    }
}
