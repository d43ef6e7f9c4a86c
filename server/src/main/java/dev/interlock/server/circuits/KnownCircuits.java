package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.AgentRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fleet as every list, page and figure shows it: the agents that are known, and what else has a circuit. An agent
 * that was known before the server's start and has not called since has no circuit; it reads closed and idle. Safe for use
 * by any thread.
 */
public final class KnownCircuits {
    private final CircuitBreakerManager circuits;
    private final AgentRegistry agents;

    /**
     * A view of what there is.
     *
     * @param circuits all circuits
     * @param agents who is known
     */
    public KnownCircuits(CircuitBreakerManager circuits, AgentRegistry agents) {
        this.circuits = circuits;
        this.agents = agents;
    }

    /**
     * One of the fleet.
     *
     * @param circuit what its circuit looks like, or would
     * @param idle whether it is known and has none: it was not called since the server's start, or not for a day
     */
    public record Known(CircuitSnapshot circuit, boolean idle) {
        /** {@return its name} */
        public String name() {
            return circuit.id().name();
        }
    }

    /**
     * The whole fleet of an organization, agents first.
     *
     * @param organization whose
     * @return a lazy stream in no order, each once, with null for what would be there twice, so that nobody looks through
     *     it in one go; what comes or goes meanwhile may be in it or not
     */
    public Stream<@Nullable Known> all(String organization) {
        return Stream.concat(
                agents.all(organization).map(agent -> of(agent.id())),
                circuits.snapshots(organization).map(circuit -> isAgent(circuit) ? null : new Known(circuit, false)));
    }

    /**
     * Those that are open, half-open or held. Costs what these are, not what there is.
     *
     * @param organization whose
     * @return a lazy stream in no order
     */
    Stream<@Nullable Known> notClosed(String organization) {
        return circuits.snapshotsNotClosed(organization).<@Nullable Known>map(circuit -> new Known(circuit, false));
    }

    /**
     * One of the fleet, or what a name that was never heard of would be. Asking makes none.
     *
     * @param id which
     * @return it, as it is now
     */
    public Known of(CircuitId id) {
        return new Known(circuits.snapshot(id), !circuits.contains(id) && agents.find(id) != null);
    }

    /**
     * Whether a name is of the fleet.
     *
     * @param id which
     * @return false for a name that was never heard of
     */
    public boolean contains(CircuitId id) {
        return agents.find(id) != null || circuits.contains(id);
    }

    /**
     * The whole fleet as agents; what has a circuit and is not known otherwise is an agent without a name.
     *
     * @param organization whose
     * @return a lazy stream as {@link #all} gives it
     */
    public Stream<@Nullable Agent> agents(String organization) {
        return Stream.concat(
                agents.all(organization),
                circuits.snapshots(organization).map(circuit -> isAgent(circuit) ? null : stranger(circuit)));
    }

    /**
     * One agent of the fleet.
     *
     * @param id which
     * @return null for a name that was never heard of
     */
    public @Nullable Agent agent(CircuitId id) {
        Agent known = agents.find(id);
        return known == null && circuits.contains(id) ? stranger(circuits.snapshot(id)) : known;
    }

    /**
     * How many of the fleet follow which policy.
     *
     * @param organization whose
     * @return a number for each policy that is followed, by its pattern; {@code default} without one
     */
    Map<String, Long> policies(String organization) {
        Map<String, Long> counts = new HashMap<>();
        all(organization)
                .flatMap(Stream::ofNullable)
                .forEach(each -> counts.merge(each.circuit().policy(), 1L, Long::sum));
        return counts;
    }

    private boolean isAgent(CircuitSnapshot circuit) {
        return agents.find(circuit.id()) != null;
    }

    private static Agent stranger(CircuitSnapshot circuit) {
        Instant since = circuit.since() == null ? Instant.EPOCH : circuit.since();
        return new Agent(circuit.id(), null, Map.of(), since, since, new TreeSet<>());
    }
}
