package dev.interlock;

import dev.interlock.Agreement.Answer;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of each circuit, and what follows when this process and others differ: does what {@link Agreement}
 * decides. Bases may be asked for by any thread; all else happens on the writer's.
 */
final class Agreements {
    private final Residents circuits;
    private final long generation;

    /** Whether the times of all records go by one clock, so that they show which is the older. */
    private final boolean oneClock;

    private final Consumer<CircuitBreaker> rewrite;
    private final Map<CircuitId, Agreement> agreements = new ConcurrentHashMap<>();

    /** @param rewrite notes a circuit that is to be written again */
    Agreements(Residents circuits, long generation, boolean oneClock, Consumer<CircuitBreaker> rewrite) {
        this.circuits = circuits;
        this.generation = generation;
        this.oneClock = oneClock;
        this.rewrite = rewrite;
    }

    /** The epoch of the stored record that an epoch builds on; null while its beginning is not written. */
    @Nullable
    Long basis(CircuitId id, Epoch epoch) {
        return Agreement.basis(agreements.get(id), epoch);
    }

    /** The epoch of the stored record that the present epoch of a circuit builds on. */
    long basis(CircuitId id) {
        return Agreement.storedEpoch(agreements.get(id));
    }

    /**
     * Lets what is about to be written begin above the record that it is written over, if it has just that number: others
     * know it, and would ignore another record of it. A closed circuit follows a closing elsewhere without a new epoch, so
     * its next one may have that number.
     */
    void riseAboveStored(CircuitBreaker circuit) {
        Agreement agreement = agreements.get(circuit.id());
        Epoch present = circuit.current();
        long stored = Agreement.storedEpoch(agreement);
        if (present.origin.epoch == stored && !circuit.isEvicted() && !Agreement.isSettled(agreement, present)) {
            circuit.raise(stored, null);
        }
    }

    void wrote(CircuitRecord record) {
        put(CircuitRecords.id(record), record.epoch(), record.epoch());
    }

    void follows(CircuitBreaker circuit, CircuitRecord record) {
        put(circuit.id(), record.epoch(), circuit.origin().epoch);
    }

    /** A circuit begins as this process' own database has it; whatever the others have wins over that. */
    void begins(CircuitBreaker circuit) {
        put(circuit.id(), CircuitChange.CLOSED_AND_CLEAN, circuit.origin().epoch);
    }

    /**
     * Forgets what is stored of a circuit that was evicted, but nothing of a successor's, and nothing that its last epoch
     * is still to be written over.
     */
    void forget(CircuitBreaker evicted) {
        Epoch last = evicted.current();
        agreements.computeIfPresent(
                evicted.id(), (id, agreement) -> Agreement.isSettled(agreement, last) ? null : agreement);
    }

    /** What was left to write of a circuit that was evicted is written. */
    void wroteEvicted(CircuitId id) {
        if (circuits.find(id) == null) {
            agreements.remove(id);
        }
    }

    /** Whether what happened here gives way to a record that was first; if not, it can be written on top of it now. */
    boolean givesWay(CircuitBreaker circuit, CircuitRecord ours, CircuitRecord first, Note note) {
        Epoch present = circuit.current();
        switch (Agreement.atWriting(note, ours, first, present, oneClock)) {
            case STAND -> {
                put(circuit.id(), first.epoch(), Agreement.UNWRITTEN);
                riseAbove(circuit, ours, first, note);
                return false;
            }
            case ADOPT -> adopt(circuit, first, present);
            case DROP, FOLLOW -> {
                if (circuit.isEvicted()) {
                    agreements.remove(circuit.id());
                    hear(first, true); // nobody is here whose next note would meet it
                }
            }
        }
        return true;
    }

    /**
     * Lets ours be the newer of the two. An override of a time when nobody could be asked counts as given when it was, so
     * that of two such overrides the later one wins. It never counts as older than the record below it: others would
     * take it for something that a store which forgot was given again.
     */
    private void riseAbove(CircuitBreaker circuit, CircuitRecord ours, CircuitRecord first, Note note) {
        if (note.hasOverrides() && note.whileDetached()) {
            Instant at = later(note.lastOverrideAt(), later(ours.changedAt(), first.changedAt()));
            boolean same = at.equals(ours.changedAt());
            circuit.raise(same ? first.epoch() : Math.max(first.epoch(), ours.epoch()), at);
        } else {
            circuit.raise(first.epoch(), note.refills() ? null : circuits.wallTime());
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * A circuit that moved by itself here while the others could not be asked gives way to what they have.
     *
     * @return false if the store has forgotten the circuit, so that ours is to be written
     */
    boolean yields(CircuitBreaker circuit, Note note, @Nullable CircuitRecord theirs, boolean forgotten) {
        CircuitId id = circuit.id();
        Epoch present = circuit.current();
        Answer answer = Agreement.onReturn(agreements.get(id), note, theirs, present, forgotten, generation);
        if (answer == Answer.STAND) {
            agreements.remove(id);
            circuit.raise(circuit.origin().epoch, null);
            return false;
        }
        if (theirs == null) {
            Epoch next = circuit.adopt(CircuitRecords.closedAndClean(id, present.origin, circuit.policy()), present);
            if (next != null) {
                put(id, CircuitChange.CLOSED_AND_CLEAN, next.origin.epoch);
            }
        } else if (answer == Answer.FOLLOW) {
            put(id, theirs.epoch(), present.origin.epoch);
        } else {
            adopt(circuit, theirs, present);
        }
        return true;
    }

    /**
     * Takes in one record.
     *
     * @param read whether it was read, and so is stored now; a message may be overtaken by another
     */
    void hear(CircuitRecord record, boolean read) {
        CircuitId id = CircuitRecords.id(record);
        CircuitBreaker circuit = circuits.find(id);
        if (circuit == null && !record.isClosedAndClean()) {
            circuit = circuits.takeIn(id, record.epoch()); // closed until now, so that listeners hear of the move
        }
        if (circuit == null) {
            return;
        }
        Epoch present = circuit.current();
        switch (Agreement.onNews(agreements.get(id), record, present, read, oneClock)) {
            case ADOPT -> adopt(circuit, record, present);
            case STAND -> {
                put(id, record.epoch(), present.origin.epoch);
                circuit.raise(Math.max(record.epoch(), present.origin.epoch), null);
                rewrite.accept(circuit);
            }
            case FOLLOW -> circuit.shorten(record);
            case DROP -> {}
        }
    }

    /** Takes in that nothing is stored of a circuit. */
    void missing(CircuitId id) {
        CircuitBreaker circuit = circuits.find(id);
        if (circuit == null) {
            return;
        }
        Epoch present = circuit.current();
        switch (Agreement.onMissing(agreements.get(id), present)) {
            case STAND -> {
                agreements.remove(id);
                circuit.raise(present.origin.epoch, null);
                rewrite.accept(circuit);
            }
            case FOLLOW -> put(id, CircuitChange.CLOSED_AND_CLEAN, present.origin.epoch);
            case ADOPT, DROP -> {}
        }
    }

    private void adopt(CircuitBreaker circuit, CircuitRecord record, Epoch present) {
        Epoch next = circuit.adopt(record, present);
        if (next != null) {
            put(circuit.id(), record.epoch(), next.origin.epoch);
        }
    }

    private void put(CircuitId id, long stored, long local) {
        agreements.put(id, new Agreement(stored, local));
    }
}
