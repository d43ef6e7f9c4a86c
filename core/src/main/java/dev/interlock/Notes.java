package dev.interlock;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is still to be stored: at most one note a circuit, and the circuits whose notes are being written. At no moment
 * does a circuit look stored that is not. Safe for use by any thread; only one takes notes off.
 */
final class Notes {
    private final ConcurrentMap<CircuitBreaker, Note> waiting = new ConcurrentHashMap<>();
    /** With the time since when something of them waits. */
    private final ConcurrentMap<CircuitBreaker, Long> underWay = new ConcurrentHashMap<>();

    /** Moves of notes between the two: who looked at one and then at the other looks again if there was one between. */
    private final AtomicLong moves = new AtomicLong();

    /** Adds to what is noted of a circuit. */
    void add(CircuitBreaker circuit, Note note) {
        waiting.merge(circuit, note, Note::and);
    }

    /** Whether something of a circuit is noted and not being written. */
    boolean isWaiting(CircuitBreaker circuit) {
        return waiting.containsKey(circuit);
    }

    /** Whether something of a circuit is not stored yet. */
    boolean isUnwritten(CircuitBreaker circuit) {
        long before;
        do {
            before = moves.get();
            if (waiting.containsKey(circuit) || underWay.containsKey(circuit)) {
                return true;
            }
        } while (before != moves.get());
        return false;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** How long the oldest of what is not stored waits, in nanoseconds; 0 if nothing does. */
    long lag(long now) {
        long oldest = 0;
        for (Note note : waiting.values()) {
            oldest = Math.max(oldest, now - note.since());
        }
        for (long since : underWay.values()) {
            oldest = Math.max(oldest, now - since);
        }
        return oldest;
    }

    /** Whether what is noted of a circuit may have to give way, so that the store is asked before it is written. */
    boolean mustAskFirst(CircuitBreaker circuit) {
        Note note = waiting.get(circuit);
        return note != null && note.givesWayOnReturn();
    }

    int size() {
        return waiting.size();
    }

    /** Circuits with notes; a view. */
    Set<CircuitBreaker> circuits() {
        return waiting.keySet();
    }

    /** Takes notes off, before their circuits are read: one that moves from now on is noted again. */
    Map<CircuitBreaker, Note> take(List<CircuitBreaker> wanted) {
        Map<CircuitBreaker, Note> taken = new LinkedHashMap<>();
        moves.incrementAndGet();
        for (CircuitBreaker circuit : wanted) {
            Note seen = waiting.get(circuit);
            underWay.put(circuit, seen == null ? System.nanoTime() : seen.since()); // before its note is taken off
            Note note = waiting.remove(circuit);
            if (note != null) {
                taken.put(circuit, note);
            } else {
                underWay.remove(circuit);
            }
        }
        return taken;
    }

    /** What was taken is written, or has been put back. */
    void written(Collection<CircuitBreaker> circuits) {
        moves.incrementAndGet(); // what was put back is waiting before it leaves here
        circuits.forEach(underWay::remove);
    }

    /**
     * Notes again what was not written.
     *
     * @param away whether nobody could be asked: a shared circuit's own moves are old by the time they could be written
     */
    void putBack(Map<CircuitBreaker, Note> taken, boolean away) {
        taken.forEach((circuit, note) -> {
            boolean detached = away && circuit.policy().fleet != null;
            add(circuit, detached ? note.detached() : note);
        });
    }
}
