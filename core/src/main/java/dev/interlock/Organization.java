package dev.interlock;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The circuits of one organization, those among them that are not closed, and their cap. */
final class Organization {
    private final Registry registry;
    final String name;
    final ConcurrentMap<String, CircuitBreaker> circuits = new ConcurrentHashMap<>();
    final Collection<CircuitBreaker> notClosed = ConcurrentHashMap.newKeySet();
    private final int cap;
    private final AtomicInteger size = new AtomicInteger();

    /** Until this tick the cap refuses without looking. */
    volatile long nothingIdleUntil = Long.MIN_VALUE;

    Organization(Registry registry, String name, int cap) {
        this.registry = registry;
        this.name = name;
        this.cap = cap;
    }

    CircuitBreaker getOrCreate(CircuitId id) {
        while (true) {
            CircuitBreaker known = circuits.get(id.name());
            if (known != null && !known.isEvicted()) {
                return known;
            }
            if (known != null) {
                remove(known); // ended a moment ago, by a thread that has not come to this yet
                continue;
            }
            reserve(id);
            CircuitBreaker made = make(id, policy -> registry.newborn(id, policy));
            if (made != null) {
                registry.applyPolicy(made); // it may have changed since it was made
                return made;
            }
            size.decrementAndGet();
        }
    }

    /** Takes a circuit in unless there is one; the cap is for names that are new. */
    @Nullable
    CircuitBreaker takeIn(CircuitId id, Function<Policy, Epoch> first) {
        CircuitBreaker known = circuits.get(id.name());
        if (known != null && known.isEvicted()) {
            remove(known);
        }
        CircuitBreaker made = make(id, first);
        if (made != null) {
            size.incrementAndGet();
            moved(made);
        }
        return made;
    }

    /** A new circuit, or null if there is one: its epoch is looked up after a predecessor has left the map. */
    private @Nullable CircuitBreaker make(CircuitId id, Function<Policy, Epoch> first) {
        CircuitBreaker[] made = new CircuitBreaker[1];
        circuits.computeIfAbsent(id.name(), absent -> {
            Policy policy = registry.policy(id);
            made[0] = new CircuitBreaker(id, policy, first.apply(policy));
            return made[0];
        });
        return made[0];
    }

    /** Notes whether a circuit that has moved is closed and clean. */
    void moved(CircuitBreaker circuit) {
        Epoch seen;
        do {
            // Of two threads that moved the circuit one after the other, the last to write has seen the last move.
            seen = circuit.current();
            if (seen.isClosedAndClean()) {
                notClosed.remove(circuit);
                nothingIdleUntil = Long.MIN_VALUE;
            } else {
                notClosed.add(circuit);
            }
        } while (!circuit.isIn(seen));
    }

    void remove(CircuitBreaker ended) {
        if (circuits.remove(ended.id.name(), ended)) {
            size.decrementAndGet();
            registry.hasForgotten(ended);
        }
    }

    private void reserve(CircuitId id) {
        while (true) {
            int present = size.get();
            if (present < cap) {
                if (size.compareAndSet(present, present + 1)) {
                    return;
                }
            } else if (!registry.makeRoom(this) && size.get() >= cap) {
                registry.engine().settlements.refused(id, Refusal.FULL);
                throw new TooManyCircuitsException(id, cap);
            }
        }
    }
}
