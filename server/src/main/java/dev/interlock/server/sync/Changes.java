package dev.interlock.server.sync;

import dev.interlock.CircuitId;
import dev.interlock.Gate;
import dev.interlock.NamePattern;
import dev.interlock.monitor.Shares;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What changed of one organization's circuits and gates that clients watch, counted: a client that has everything up to a
 * count needs what has a higher one. Nobody else's changes move the count. Safe for use by any thread.
 *
 * <p>A change takes its count and shows it in one step. So who reads the count first, and then looks, misses nothing that
 * is below what it has read.
 */
final class Changes {
    /** What a circuit that is watched takes in addition to its name. */
    static final int CIRCUIT_BYTES = 220;

    private final String organization;
    private final Shares memory;
    private final Map<CircuitId, Watched> circuits = new ConcurrentHashMap<>();
    private long count = 1;
    private volatile long everything;
    private volatile long gates;
    private volatile List<Gate> inEffect = List.of();

    /**
     * Nothing has changed yet.
     *
     * @param organization whose circuits
     * @param memory the room for what clients watch
     */
    Changes(String organization, Shares memory) {
        this.organization = organization;
        this.memory = memory;
    }

    /** The count: what is looked at from now on is at least as new. */
    synchronized long now() {
        return count;
    }

    /** A count of its own, for something that is only of one client. */
    synchronized long next() {
        return ++count;
    }

    /** Whether what changed since a count is still known. */
    boolean knowsSince(long cursor) {
        return cursor >= everything && cursor <= now();
    }

    /** When the gates in effect changed. */
    long gatesChanged() {
        return gates;
    }

    Watched watch(String name, Watcher watcher) {
        return circuits.compute(new CircuitId(organization, name), (id, known) -> {
            if (known == null) {
                memory.hold(organization, bytes(name));
            }
            Watched watched = known == null ? new Watched(id) : known;
            watched.add(watcher);
            return watched;
        });
    }

    void leave(CircuitId circuit, Watcher watcher) {
        circuits.computeIfPresent(circuit, (id, known) -> {
            if (!known.remove(watcher)) {
                return known;
            }
            memory.give(organization, bytes(id.name()));
            return null;
        });
    }

    /** What it takes if nobody else watches that circuit. */
    static long bytes(String name) {
        return CIRCUIT_BYTES + 2L * name.length();
    }

    int watched() {
        return circuits.size();
    }

    /** A circuit has moved into an epoch, unless that is known here. */
    void moved(CircuitId id, long epoch) {
        Watched circuit = circuits.get(id);
        if (circuit != null && circuit.enters(epoch)) {
            synchronized (this) {
                circuit.changedAt(++count);
            }
            circuit.watchers().forEach(Watcher::wake);
        }
    }

    /** A policy was applied or removed. */
    void policyChanged(String pattern) {
        NamePattern names = new NamePattern(pattern);
        for (Watched circuit : circuits.values()) {
            if (names.matches(circuit.id().name())) {
                synchronized (this) {
                    circuit.policyChangedAt(++count);
                }
                circuit.watchers().forEach(Watcher::wake);
            }
        }
    }

    /** What changed is no longer known: all begin again. */
    void missed() {
        synchronized (this) {
            everything = ++count;
        }
        circuits.values().forEach(circuit -> circuit.watchers().forEach(Watcher::wake));
    }

    /** Sets the gates in effect; returns whether they have changed. */
    boolean setGates(List<Gate> present) {
        synchronized (this) {
            if (present.equals(inEffect)) {
                return false;
            }
            inEffect = present;
            gates = ++count;
            return true;
        }
    }
}
