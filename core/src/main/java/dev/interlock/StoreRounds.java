package dev.interlock;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import dev.interlock.threads.Reporting;
import dev.interlock.threads.Worker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What {@link StoreWriter} does in each round: writes what is noted, and has {@link News} taken in. Rounds are made by one
 * thread at a time; anybody may note.
 *
 * <p>A batch that fails is noted again and tried later; a change that the store refuses waits by itself, and holds up no
 * other. Who gives way is in {@link Agreement}.
 */
final class StoreRounds {
    private static final int TRIES = 5;

    final Notes notes = new Notes();
    final Completions completions;
    final Agreements agreements;
    final News news;
    private final CircuitStore store;
    private final Residents circuits;
    private final long generation;
    private final Runnable wake;
    private final LongSupplier nanos;
    private final Backoff writing = new Backoff();
    private final Backoff reading = new Backoff();

    /** Circuits that the store refuses, and when each is tried again. */
    private final Map<CircuitBreaker, Backoff> refused = new HashMap<>();

    private int gapsSeen;
    private boolean asked;
    private volatile boolean writes = true;
    private volatile boolean reads = true;

    /**
     * @param executor where what depends on something stored runs
     * @param wake lets a round come soon
     * @param nanos the clock by which the store is tried again
     */
    StoreRounds(
            CircuitStore store,
            Residents circuits,
            long generation,
            Executor executor,
            Runnable wake,
            LongSupplier nanos) {
        this.store = store;
        this.circuits = circuits;
        this.generation = generation;
        this.wake = wake;
        this.nanos = nanos;
        completions = new Completions(store, executor);
        boolean oneClock = store.coordination() != null;
        agreements = new Agreements(circuits, generation, oneClock, circuit -> note(circuit, Note.again()));
        news = new News(store, agreements, circuits, generation, wake);
    }

    void note(CircuitBreaker circuit, Note note) {
        notes.add(circuit, note);
        wake.run();
    }

    /** Whether something is to be written, or somebody waits for all that is. */
    boolean isOwed() {
        return !notes.isEmpty() || completions.isFlushing();
    }

    /** Whether the last attempts to write and to read succeeded. */
    boolean isAvailable() {
        return writes && reads && !store.durability().isAway();
    }

    /**
     * Writes first: what is under way here is then decided before others are heard. Circuits that move meanwhile let the
     * next round come at once, but do not make the store come back sooner.
     *
     * @param last whether none comes after it, so that all is tried once more and nothing is heard
     * @return how long there is nothing to do
     */
    long round(boolean last) {
        if (last) {
            writeNoted(true); // what moved while the last flush was under way
            return Worker.Turn.UNTIL_WOKEN;
        }
        if (gapsSeen != news.gaps()) { // a store that is back reports a gap
            gapsSeen = news.gaps();
            writing.reset();
            reading.reset();
        }
        if (untilWriting(nanos.getAsLong()) == 0) {
            writing.ended(writeNoted(false), nanos.getAsLong());
        }
        news.hear();
        if (news.hasToRead() && reading.left(nanos.getAsLong()) == 0) {
            reading.ended(read(), nanos.getAsLong());
        }
        long now = nanos.getAsLong();
        long wait = Math.min(untilWriting(now), news.hasToRead() ? reading.left(now) : Worker.Turn.UNTIL_WOKEN);
        return news.hasNews() ? 0 : wait;
    }

    /** How long until there is something to write; {@link Worker.Turn#UNTIL_WOKEN} if there is nothing. */
    private long untilWriting(long now) {
        if (!isOwed()) {
            return Worker.Turn.UNTIL_WOKEN;
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
    private boolean writeNoted(boolean last) {
        List<CompletableFuture<Boolean>> waiting = completions.flushing();
        refused.keySet().removeIf(circuit -> !notes.isWaiting(circuit));
        long now = nanos.getAsLong();
        boolean there = true;
        for (List<CircuitBreaker> batch :
                WriteOrder.of(notes.circuits(), each -> refused.containsKey(each) && !last, notes::mustAskFirst)) {
            Backoff backoff = refused.get(batch.get(0));
            if (last || backoff == null || backoff.left(now) == 0) {
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

    /** Writes until no record that has to give way is in the way; false if the store is away. */
    private boolean write(List<CircuitBreaker> batch) {
        List<CircuitBreaker> left = batch;
        for (int i = 0; i < TRIES && !left.isEmpty(); i++) {
            List<CircuitBreaker> offered = left;
            Map<CircuitBreaker, Note> taken = notes.take(offered);
            try {
                left = writeOnce(taken);
                offered.forEach(refused::remove);
            } catch (StoreUnavailableException away) {
                writes = false;
                asked = away.mayHaveDone();
                notes.putBack(taken, true);
                return false;
            } catch (Throwable failed) {
                return refuse(taken, failed);
            } finally {
                notes.written(offered); // also what has given way
            }
        }
        left.forEach(this::refuse); // others write the same circuits all the time, or so the store says
        return true;
    }

    /** The store refuses something: the others must not wait for it. */
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
        refused.computeIfAbsent(circuit, made -> new Backoff()).ended(false, nanos.getAsLong());
    }

    /** Returns the circuits that have to be written again, since another process was first. */
    private List<CircuitBreaker> writeOnce(Map<CircuitBreaker, Note> taken) {
        Failpoint.NOTES_TAKEN.reach();
        taken.entrySet().removeIf(entry -> yields(entry.getKey(), entry.getValue()));
        Map<CircuitId, CircuitChange> changes = new LinkedHashMap<>();
        taken.keySet().forEach(agreements::riseAboveStored);
        taken.forEach((circuit, note) -> changes.merge(circuit.id(), change(circuit, note), CircuitRecords::both));
        Map<CircuitId, CircuitRecord> blocking = new HashMap<>();
        if (!changes.isEmpty()) {
            try {
                store.write(changes.values()).forEach(record -> blocking.put(CircuitRecords.id(record), record));
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
            CircuitRecord inTheWay = blocking.get(circuit.id());
            CircuitRecord ours =
                    Objects.requireNonNull(changes.get(circuit.id())).record();
            if (inTheWay == null) {
                agreements.wrote(ours);
                completions.written(circuit.id(), note);
                if (circuit.isEvicted()) {
                    agreements.wroteEvicted(circuit.id());
                }
            } else if (Agreement.isOurs(note, ours, inTheWay, generation)) {
                agreements.wrote(inTheWay);
                Note left = note.taken();
                note(circuit, left);
                again.add(circuit);
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
