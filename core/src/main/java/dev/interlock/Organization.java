package dev.interlock;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The circuits of one organization, those among them that need attention, and their cap. */
final class Organization {
    /** Of a full organization this share of the longest idle circuits goes at once, so that not each call must look. */
    private static final int EVICTED_SHARE = 100;

    private static final long LOOK_AGAIN = 1_000_000_000L;
    private static final int LOOKS = 5;

    private final CircuitBreakerManager manager;
    private final ConcurrentMap<String, CircuitBreaker> circuits = new ConcurrentHashMap<>();
    private final Collection<CircuitBreaker> attention = ConcurrentHashMap.newKeySet();
    private final AtomicInteger size = new AtomicInteger();
    private final int cap;

    /** Until this tick the cap refuses without looking. */
    private volatile long nothingIdleUntil = Long.MIN_VALUE;

    Organization(CircuitBreakerManager manager, int cap) {
        this.manager = manager;
        this.cap = cap;
    }

    @Nullable
    CircuitBreaker find(String name) {
        CircuitBreaker circuit = circuits.get(name);
        return circuit == null || circuit.isEvicted() ? null : circuit;
    }

    CircuitBreaker getOrCreate(CircuitId id) {
        while (true) {
            CircuitBreaker known = circuits.get(id.name());
            if (known != null && !known.isEvicted()) {
                return known;
            }
            if (known != null) {
                forget(known); // evicted a moment ago, and whoever did so has not come to this yet
                continue;
            }
            CircuitBreaker fresh = create(id);
            if (fresh != null) {
                return fresh;
            }
        }
    }

    /** A new circuit, or null if another thread was faster. */
    private @Nullable CircuitBreaker create(CircuitId id) {
        reserve(id);
        CircuitBreaker[] made = new CircuitBreaker[1];
        try {
            // Made inside, so that its epoch is looked up after a predecessor of this name has been forgotten.
            circuits.computeIfAbsent(id.name(), name -> made[0] = manager.newCircuit(id));
        } finally {
            if (made[0] == null) {
                size.decrementAndGet();
            }
        }
        if (made[0] != null) {
            manager.applyPolicy(made[0]); // a policy may have changed since it was made
        }
        return made[0];
    }

    /** Takes a circuit in that a store kept, null if there is one; the cap is for names that are new. */
    @Nullable
    CircuitBreaker resume(CircuitId id, Supplier<CircuitBreaker> made) {
        while (true) {
            CircuitBreaker known = circuits.get(id.name());
            if (known != null && !known.isEvicted()) {
                return null;
            }
            if (known != null) {
                forget(known);
            }
            CircuitBreaker[] fresh = new CircuitBreaker[1];
            // Made inside, so that its epoch is looked up after a predecessor of this name has been forgotten.
            CircuitBreaker there = circuits.computeIfAbsent(id.name(), name -> fresh[0] = made.get());
            if (there == fresh[0]) {
                size.incrementAndGet();
                moved(there);
                return there;
            }
        }
    }

    Collection<CircuitBreaker> all() {
        return circuits.values();
    }

    /** Circuits that are open, half-open or held. */
    Collection<CircuitBreaker> attention() {
        return attention;
    }

    int size() {
        return circuits.size();
    }

    /** Notes whether a circuit that has moved needs attention. */
    void moved(CircuitBreaker circuit) {
        Epoch seen;
        do {
            // Of two threads that moved the circuit one after the other, the last to write here has seen the last move.
            seen = circuit.current();
            if (seen.isClosedAndClean()) {
                attention.remove(circuit);
                nothingIdleUntil = Long.MIN_VALUE;
            } else {
                attention.add(circuit);
            }
        } while (!circuit.isIn(seen));
    }

    /** Forgets closed circuits that were not used after a moment; returns how many. */
    int evict(int notUsedAfter) {
        int evicted = 0;
        for (CircuitBreaker circuit : circuits.values()) {
            if (circuit.evict(notUsedAfter)) {
                forget(circuit);
                evicted++;
            }
        }
        return evicted;
    }

    private void reserve(CircuitId id) {
        while (true) {
            int present = size.get();
            if (present < cap) {
                if (size.compareAndSet(present, present + 1)) {
                    return;
                }
            } else if (!makeRoom() && size.get() >= cap) {
                throw new TooManyCircuitsException(id, cap);
            }
        }
    }

    /** Looks for idle circuits, but not again for each made-up name while there are none. */
    private boolean makeRoom() {
        long now = manager.time().coarseTicks();
        if (now < nothingIdleUntil) {
            return false;
        }
        for (int look = 0; look < LOOKS; look++) {
            List<Idle> idle = idle();
            if (idle.isEmpty()) {
                nothingIdleUntil = now + LOOK_AGAIN;
                return false;
            }
            if (evictLongestIdle(idle)) {
                return true;
            }
            // Others were faster with all of these, or used them all: that says nothing about what is idle now.
        }
        return false;
    }

    private List<Idle> idle() {
        List<Idle> idle = new ArrayList<>();
        for (CircuitBreaker circuit : circuits.values()) {
            if (circuit.isClosedAndClean() && !circuit.hasStreak() && !manager.isUnwritten(circuit)) {
                idle.add(new Idle(circuit, circuit.lastUsed()));
            }
        }
        return idle;
    }

    private boolean evictLongestIdle(List<Idle> idle) {
        idle.sort(Comparator.comparingInt(Idle::lastUsed));
        int wanted = Math.max(1, cap / EVICTED_SHARE);
        int evicted = 0;
        for (Idle each : idle) {
            if (evicted == wanted) {
                break;
            }
            if (each.circuit().evict(each.lastUsed())) { // not if it was used since
                forget(each.circuit());
                evicted++;
            }
        }
        return evicted > 0;
    }

    /** A circuit as it looked: callers go on using it, and an order must not change while it is being made. */
    private record Idle(CircuitBreaker circuit, int lastUsed) {}

    private void forget(CircuitBreaker evicted) {
        if (circuits.remove(evicted.id().name(), evicted)) {
            size.decrementAndGet();
            manager.forgotten(evicted);
        }
    }
}
