package dev.interlock.micrometer;

import dev.interlock.CircuitBreakerManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The meters of a manager: calls, refusals and transitions of each agent, which circuits are not closed, and how the manager
 * itself does. Their names are those of Interlock's server; see docs/micrometer.md.
 *
 * <p>Safe for use by any thread. While a registry is bound, calls are timed by the coarse clock (some 10 ms); a good call
 * takes neither a lock nor memory once its agent's meters are there. A circuit that the manager forgets takes its meters
 * with it.
 *
 * <pre>{@code
 * CircuitMeters meters = CircuitMeters.of(circuits);
 * meters.bindTo(registry);
 * }</pre>
 */
public final class CircuitMeters implements MeterBinder, AutoCloseable {
    /** What stands for the names of all agents beyond the limit. */
    public static final String OTHER = "other";

    /** How many agents have meters of their own unless somebody says otherwise. */
    public static final int DEFAULT_MAX_AGENTS = 200;

    private final CircuitBreakerManager circuits;
    private final int maxAgents;
    private final List<BoundMeters> bound = new CopyOnWriteArrayList<>();

    private CircuitMeters(CircuitBreakerManager circuits, int maxAgents) {
        this.circuits = circuits;
        this.maxAgents = maxAgents;
    }

    /**
     * The meters of a manager, with at most {@value #DEFAULT_MAX_AGENTS} agents by name.
     *
     * @param circuits whose
     * @return meters, to be bound to a registry
     */
    public static CircuitMeters of(CircuitBreakerManager circuits) {
        return new CircuitMeters(circuits, DEFAULT_MAX_AGENTS);
    }

    /**
     * These meters with another limit.
     *
     * @param agents how many agents, upstreams among them, have a name of their own; the others, by first call, are together
     *     called {@value #OTHER}. 0 to 100,000
     * @return other meters, bound to nothing
     * @throws IllegalArgumentException if the number is out of its range
     */
    public CircuitMeters withMaxAgents(int agents) {
        if (agents < 0 || agents > 100_000) {
            throw new IllegalArgumentException("maxAgents must be 0 to 100000, but was " + agents);
        }
        return new CircuitMeters(circuits, agents);
    }

    /**
     * Adds the meters to a registry, which may be one of several.
     *
     * @param registry where they are kept, until {@link #close()}
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        bound.add(BoundMeters.begin(circuits, registry, maxAgents));
    }

    /** Listens no more, and takes all meters out of their registries. */
    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent one, whose iterator goes on
    @Override
    public void close() {
        for (BoundMeters each : bound) {
            each.close();
            bound.remove(each);
        }
    }
}
