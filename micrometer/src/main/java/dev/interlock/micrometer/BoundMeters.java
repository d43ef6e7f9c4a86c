package dev.interlock.micrometer;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.CircuitSnapshot;
import dev.interlock.Outcome;
import dev.interlock.Refusal;
import dev.interlock.Settlement;
import dev.interlock.SettlementListener;
import dev.interlock.StateTransition;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The meters of one manager in one registry: who has which, who comes and who goes. Safe for use by any thread. */
final class BoundMeters implements SettlementListener, CircuitListener, AutoCloseable {
    private final CircuitBreakerManager circuits;
    private final MeterRegistry registry;
    private final int maxAgents;
    private final Map<CircuitId, AgentMeters> agents = new ConcurrentHashMap<>();
    private final AgentMeters others;
    private final ManagerMeters manager;

    /** Held by who adds or removes an agent. */
    private final ReentrantLock lock = new ReentrantLock();

    /** There is no room: agents without a name of their own need no lock. */
    private volatile boolean full;

    private boolean closed;

    private BoundMeters(CircuitBreakerManager circuits, MeterRegistry registry, int maxAgents) {
        this.circuits = circuits;
        this.registry = registry;
        this.maxAgents = maxAgents;
        this.full = maxAgents == 0;
        this.others = new AgentMeters(registry, CircuitMeters.OTHER);
        this.manager = new ManagerMeters(registry, circuits);
    }

    static BoundMeters begin(CircuitBreakerManager circuits, MeterRegistry registry, int maxAgents) {
        BoundMeters meters = new BoundMeters(circuits, registry, maxAgents);
        circuits.settlements().add(meters);
        circuits.addListener(meters);
        meters.showAll();
        return meters;
    }

    @Override
    public void onSettled(
            CircuitId circuit, Outcome outcome, long tookNanos, long agoNanos, long epoch, Settlement settlement) {
        AgentMeters meters = of(circuit);
        meters.settled(outcome, settlement);
        if (tookNanos >= 0) {
            meters.took(outcome, tookNanos);
        }
    }

    /** A name for which there is no room has no circuit that could be forgotten. */
    @Override
    public void onRefused(CircuitId circuit, Refusal refusal) {
        AgentMeters known = refusal == Refusal.FULL ? agents.get(circuit) : of(circuit);
        (known == null ? others : known).refused(refusal);
    }

    @Override
    public void onTransition(StateTransition transition) {
        of(transition.id()).moved(transition);
        show(transition.id());
    }

    /** What these events would have said is read from the circuits. */
    @Override
    public void onMissed(long events) {
        agents.keySet().forEach(this::show);
        showAll();
    }

    @Override
    public void onForgotten(CircuitId circuit) {
        lock.lock();
        try {
            if (!circuits.contains(circuit)) { // else there is another one by now, which goes on with these
                AgentMeters gone = agents.remove(circuit);
                if (gone != null) {
                    gone.remove();
                    full = agents.size() >= maxAgents;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        circuits.settlements().remove(this);
        circuits.removeListener(this);
        lock.lock();
        try {
            closed = true;
            full = true;
            agents.values().forEach(AgentMeters::remove);
            agents.clear();
            others.remove();
            manager.remove();
        } finally {
            lock.unlock();
        }
    }

    private AgentMeters of(CircuitId circuit) {
        AgentMeters known = agents.get(circuit);
        return known != null ? known : full ? others : add(circuit);
    }

    /** Who comes first has a name. A circuit that is not there would never be forgotten. */
    private AgentMeters add(CircuitId circuit) {
        lock.lock();
        try {
            AgentMeters known = agents.get(circuit);
            if (known != null) {
                return known;
            }
            if (agents.size() >= maxAgents || closed || !circuits.contains(circuit)) {
                return others;
            }
            AgentMeters made = new AgentMeters(registry, circuit.toString());
            agents.put(circuit, made);
            full = agents.size() >= maxAgents;
            return made;
        } finally {
            lock.unlock();
        }
    }

    private void showAll() {
        circuits.snapshotsNotClosed().map(CircuitSnapshot::id).forEach(this::show);
    }

    /** Shows a circuit that is not closed, or held, by name; or, with those beyond the limit, the worst of them. */
    private void show(CircuitId circuit) {
        AgentMeters meters = of(circuit);
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (meters == others) {
                others.show(() -> worst(false), () -> worst(true));
            } else if (agents.get(circuit) == meters) {
                CircuitSnapshot snapshot = circuits.snapshot(circuit);
                if (snapshot.isNotClosed()) {
                    meters.show(() -> openness(circuits.snapshot(circuit)), () -> held(circuits.snapshot(circuit)));
                } else {
                    meters.hide();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** NaN, which is no value, while all others are closed. */
    private double worst(boolean held) {
        return circuits.snapshotsNotClosed()
                .filter(each -> !agents.containsKey(each.id()))
                .mapToDouble(each -> held ? held(each) : openness(each))
                .max()
                .orElse(Double.NaN);
    }

    private static double held(CircuitSnapshot circuit) {
        return circuit.hold() != null ? 1 : 0;
    }

    private static double openness(CircuitSnapshot circuit) {
        return switch (circuit.state()) {
            case OPEN -> 1;
            case HALF_OPEN -> 0.5;
            case CLOSED -> 0;
        };
    }
}
