package dev.interlock.server.incidents;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.incidents.Topology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who depends on whom in an organization, as its agents were seen to ask, and how they do, as their circuits say. What was
 * looked up stays for as long as one look through the audit trail takes. For one thread.
 */
final class SeenTopology implements Topology {
    /** An agent is active if it called so short a time ago: when it was seen is known to a minute. */
    private static final Duration ACTIVE = Duration.ofMinutes(2);

    private final String organization;
    private final AgentRegistry agents;
    private final CircuitBreakerManager circuits;
    private final Map<String, List<Agent>> dependents = new HashMap<>();
    private final Map<String, Users> users = new HashMap<>();
    private Instant now = Instant.EPOCH;

    /** Whether all agents were looked at: in many fleets none depends on anything. */
    private boolean looked;

    SeenTopology(String organization, AgentRegistry agents, CircuitBreakerManager circuits) {
        this.organization = organization;
        this.agents = agents;
        this.circuits = circuits;
    }

    /** What was looked up is out of date. */
    void refresh(Instant time) {
        now = time;
        looked = false;
        dependents.clear();
        users.clear();
    }

    @Override
    public Set<String> dependencies(String name) {
        Agent agent = agents.find(new CircuitId(organization, name));
        return agent == null ? Set.of() : agent.dependencies();
    }

    @Override
    public Users users(String name) {
        return users.computeIfAbsent(name, this::count);
    }

    private Users count(String name) {
        if (!looked) {
            looked = true;
            agents.all(organization)
                    .forEach(agent -> agent.dependencies()
                            .forEach(each -> dependents
                                    .computeIfAbsent(each, fresh -> new ArrayList<>())
                                    .add(agent)));
        }
        List<Agent> known = dependents.getOrDefault(name, List.of());
        int active = 0;
        int failing = 0;
        for (Agent agent : known) {
            CircuitSnapshot circuit = circuits.snapshot(agent.id());
            boolean fails = circuit.isNotClosed() || circuit.figures().consecutiveFailures() > 0;
            if (circuit.isNotClosed() || agent.lastSeen().isAfter(now.minus(ACTIVE))) {
                active++;
                failing += fails ? 1 : 0;
            }
        }
        return new Users(known.size(), active, failing);
    }
}
