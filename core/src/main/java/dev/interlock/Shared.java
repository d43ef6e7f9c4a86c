package dev.interlock;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What this process and others that use the same store know of each other's circuits, and who gives way to whom.
 *
 * <p>The stored record is the truth, unless something has happened here that is not written yet. Of two automatic moves
 * the first that is written wins, and the other process adopts it; an order is written again, on top of what was first;
 * and a circuit that tripped here stands over news that it had closed elsewhere. Epochs of processes need not agree:
 * each counts upwards, above what it hears.
 *
 * <p>News may come on any thread; all else happens on the writer's.
 */
final class Shared implements CircuitSubscriber {
    /** The stored record that an epoch here agrees with. */
    private record Agreement(long stored, long local) {}

    /** In place of an epoch's epoch: what is stored will be written over, until then nothing agrees with it. */
    private static final long UNWRITTEN = -1;

    private static final Duration CLOCKS_APART = Duration.ofMillis(250);

    private final CircuitStore store;
    /** Whether the times of all records go by one clock, so that they tell which is the older. */
    private final boolean oneClock;

    private final CircuitBreakerManager manager;
    private final long generation;
    private final Runnable wake;
    private final Consumer<CircuitBreaker> rewrite;
    private final Map<CircuitId, Agreement> agreements = new ConcurrentHashMap<>();
    private final Map<CircuitId, CircuitRecord> news = new ConcurrentHashMap<>();
    private final Set<CircuitId> doubted = ConcurrentHashMap.newKeySet();
    private volatile boolean gap;

    /** Rises with each gap. */
    private volatile int gaps;

    /** Set from the moment at which the store has forgotten everything until all was looked at again. */
    private volatile boolean forgotten;

    Shared(
            CircuitStore store,
            CircuitBreakerManager manager,
            long generation,
            Runnable wake,
            Consumer<CircuitBreaker> rewrite) {
        this.store = store;
        this.oneClock = store.coordination() != null;
        this.manager = manager;
        this.generation = generation;
        this.wake = wake;
        this.rewrite = rewrite;
    }

    @Override
    public void onChanged(CircuitRecord record) {
        if (record.writer() != generation) {
            news.merge(CircuitRecords.id(record), record, (one, other) -> one.epoch() > other.epoch() ? one : other);
            wake.run();
        }
    }

    @Override
    public void onGap() {
        gap = true;
        gaps++;
        wake.run();
    }

    @Override
    public void onForgotten() {
        forgotten = true;
        Fleet fleet = manager.fleet();
        if (fleet != null) {
            fleet.places().forgotten();
        }
        onGap();
    }

    boolean hasNews() {
        return gap || !news.isEmpty() || !doubted.isEmpty();
    }

    /** How many gaps there were; a store that is back tells of one. */
    int gaps() {
        return gaps;
    }

    /** Takes in that the store may have something else of a circuit than was thought. */
    void onDoubt(CircuitId id) {
        doubted.add(id);
        wake.run();
    }

    /** The epoch of the stored record that an epoch agrees with; null while its beginning is not written. */
    @Nullable
    Long basis(CircuitId id, Epoch epoch) {
        Agreement agreement = agreements.get(id);
        if (agreement == null) {
            return epoch.origin.transition == null ? CircuitChange.CLOSED_AND_CLEAN : null;
        }
        return agreement.local == epoch.origin.epoch ? agreement.stored : null;
    }

    /** The epoch of the stored record that the present epoch of a circuit builds on. */
    long basis(CircuitId id) {
        Agreement agreement = agreements.get(id);
        return agreement == null ? CircuitChange.CLOSED_AND_CLEAN : agreement.stored;
    }

    void wrote(CircuitRecord record) {
        agreements.put(CircuitRecords.id(record), new Agreement(record.epoch(), record.epoch()));
    }

    void follows(CircuitBreaker circuit, CircuitRecord record) {
        agree(circuit.id(), record, circuit.current());
    }

    /** A circuit begins as this process' own database has it; whatever the others have stands over that. */
    void begins(CircuitBreaker circuit) {
        agreements.put(circuit.id(), new Agreement(CircuitChange.CLOSED_AND_CLEAN, circuit.origin().epoch));
    }

    void forget(CircuitId id) {
        agreements.remove(id);
    }

    /** Whether what happened here gives way to a record that was first; if not, it can be written on top of it now. */
    boolean givesWay(CircuitBreaker circuit, CircuitRecord ours, CircuitRecord first, Note note) {
        if (stands(note, ours, first)) {
            agreements.put(circuit.id(), new Agreement(first.epoch(), UNWRITTEN));
            standAbove(circuit, ours, first, note);
            return false;
        }
        Epoch present = circuit.current();
        // One that has moved again meanwhile is noted again, and meets the same record.
        if (present.origin.epoch == ours.epoch()) {
            adopt(circuit, first, present);
        }
        return true;
    }

    /**
     * Lets ours be the newer of the two. An order of a time when nobody could be asked counts as given when it was, so
     * that of two such orders the later one stands, but never as older than what it stands on: others would take it for
     * something that a store which forgot was told again.
     */
    private void standAbove(CircuitBreaker circuit, CircuitRecord ours, CircuitRecord first, Note note) {
        if (note.hasOverrides() && note.whileDetached()) {
            Instant at = later(note.lastOverrideAt(), later(ours.changedAt(), first.changedAt()));
            boolean same = at.equals(ours.changedAt());
            circuit.raise(same ? first.epoch() : Math.max(first.epoch(), ours.epoch()), at);
        } else {
            circuit.raise(first.epoch(), note.refills() ? null : manager.time().wallTime());
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * Looks what the others have of a circuit that moved by itself here while they could not be asked: theirs stands.
     *
     * @return false if the store has forgotten the circuit, so that ours is to be written
     */
    boolean yields(CircuitBreaker circuit) {
        CircuitId id = circuit.id();
        CircuitRecord theirs = store.find(id.organization(), id.name());
        if (theirs == null && (forgotten || basis(id) != CircuitChange.CLOSED_AND_CLEAN)) {
            agreements.remove(id);
            circuit.raise(circuit.origin().epoch, null);
            return false;
        }
        Epoch present = circuit.current();
        if (theirs != null && theirs.writer() == generation && theirs.epoch() == present.origin.epoch) {
            agree(id, theirs, present); // it was written, but the answer was lost
            return true;
        }
        if (theirs != null) {
            adopt(circuit, theirs, present);
            return true;
        }
        Epoch next = circuit.adopt(CircuitRecords.closedAndClean(circuit), present);
        if (next != null) {
            agreements.put(id, new Agreement(CircuitChange.CLOSED_AND_CLEAN, next.origin.epoch));
        }
        return true;
    }

    /** Whether what happened here is written on top of a record that was first. */
    private boolean stands(Note note, CircuitRecord ours, CircuitRecord first) {
        if (note.hasOverrides()) {
            // What was ordered while others could not be asked does not undo what was ordered there since.
            return !note.whileDetached()
                    || first.actor() == null
                    || !first.changedAt().isAfter(note.lastOverrideAt());
        }
        if (note.refills() && isOlder(first, ours.changedAt())) {
            return true;
        }
        return note.fromClosed() && !note.whileDetached() && first.isClosedAndClean();
    }

    /** Takes in what others have stored. */
    void hear() {
        if (gap) {
            gap = false;
            try {
                readAgain();
                forgotten = false;
            } catch (RuntimeException notRead) {
                gap = true;
                throw notRead;
            }
        }
        for (CircuitId id : news.keySet()) {
            CircuitRecord record = news.remove(id);
            if (record != null) {
                hear(record, false);
            }
        }
        for (CircuitId id : doubted) {
            look(id);
            doubted.remove(id);
        }
    }

    private void look(CircuitId id) {
        CircuitRecord record = store.find(id.organization(), id.name());
        if (record != null) {
            hear(record, true);
        } else {
            tellAgain(id);
        }
    }

    /** A circuit that the store has forgotten is told to it again, as a new epoch; one that is closed is none to tell. */
    private void tellAgain(CircuitId id) {
        CircuitBreaker circuit = manager.find(id);
        Agreement agreement = agreements.get(id);
        if (circuit == null || agreement == null || circuit.origin().epoch != agreement.local) {
            return; // what happened here will be written
        }
        if (!circuit.isClosedAndClean()) {
            agreements.remove(id);
            circuit.raise(agreement.local, null);
            rewrite.accept(circuit);
        } else {
            agreements.put(id, new Agreement(CircuitChange.CLOSED_AND_CLEAN, agreement.local));
        }
    }

    private void readAgain() {
        Set<CircuitId> notClosed = new HashSet<>();
        store.readNotClosed(record -> {
            notClosed.add(CircuitRecords.id(record));
            hear(record, true);
        });
        manager.snapshotsNotClosed()
                .map(CircuitSnapshot::id)
                .filter(id -> !notClosed.contains(id))
                .forEach(this::look);
    }

    /** Takes in one record; what was read is what is stored now, a message may be overtaken by another. */
    private void hear(CircuitRecord record, boolean read) {
        CircuitId id = CircuitRecords.id(record);
        Agreement agreement = agreements.get(id);
        CircuitBreaker circuit = manager.find(id);
        if (circuit == null && !record.isClosedAndClean()) {
            circuit = manager.takeIn(id); // closed until now, so that listeners hear of the move
        }
        if (circuit == null) {
            return;
        }
        Epoch present = circuit.current();
        boolean settled =
                agreement == null ? present.origin.transition == null : present.origin.epoch == agreement.local;
        if (!settled) {
            return; // what happened here will be written, and then it shows who was first
        }
        StateTransition began = present.origin.transition;
        boolean other = agreement == null
                || record.epoch() > agreement.stored
                || read && oneClock && (record.epoch() < agreement.stored || !CircuitRecords.isOf(record, present));
        if (other && agreement != null && began != null && isOlder(record, began.at())) {
            // The store forgot, and was told again by one who had not heard of this.
            agreements.put(id, new Agreement(record.epoch(), present.origin.epoch));
            circuit.raise(Math.max(record.epoch(), present.origin.epoch), null);
            rewrite.accept(circuit);
        } else if (other) {
            adopt(circuit, record, present);
        } else if (agreement != null && record.epoch() == agreement.stored) {
            circuit.shorten(record);
        }
    }

    /** Whether a record is of an earlier time than an epoch, by more than clocks may be apart. */
    private boolean isOlder(CircuitRecord record, Instant than) {
        return oneClock && record.changedAt().plus(CLOCKS_APART).isBefore(than);
    }

    private void adopt(CircuitBreaker circuit, CircuitRecord record, Epoch present) {
        Epoch next = circuit.adopt(record, present);
        if (next != null) {
            agree(circuit.id(), record, next);
        }
    }

    private void agree(CircuitId id, CircuitRecord record, Epoch epoch) {
        agreements.put(id, new Agreement(record.epoch(), epoch.origin.epoch));
    }
}
