package dev.interlock.server.agents;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.health.HealthJson;
import dev.interlock.server.http.Fingerprint;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/** Agents as the API writes them, with the state of their circuits and their health. Safe for use by any thread. */
final class AgentJson {
    private static final int MOST_DEPENDENTS = 1_000;

    private final AgentRegistry agents;
    private final CircuitBreakerManager circuits;
    private final HealthMonitor health;

    AgentJson(AgentRegistry agents, CircuitBreakerManager circuits, HealthMonitor health) {
        this.agents = agents;
        this.circuits = circuits;
        this.health = health;
    }

    /** The schema {@code Agent} of the contract. */
    JsonObject of(Agent agent) {
        return json(agent, new JsonArray(List.copyOf(agent.dependencies())));
    }

    /** The schema {@code AgentInDetail}; looks at all agents of the organization. */
    JsonObject inDetail(Agent agent) {
        String organization = agent.id().organization();
        JsonArray uses = new JsonArray();
        agent.dependencies().forEach(name -> uses.add(neighbour(new CircuitId(organization, name))));
        JsonArray usedBy = new JsonArray();
        agents.dependents(agent.id())
                .map(Agent::id)
                .sorted()
                .limit(MOST_DEPENDENTS)
                .forEach(id -> usedBy.add(neighbour(id)));
        return json(agent, uses).put("dependents", usedBy);
    }

    /** The entity tag of a list. Takes time: for a worker. */
    String tag(Stream<Agent> all) {
        Fingerprint print = new Fingerprint();
        all.forEach(agent -> {
            CircuitSnapshot circuit = circuits.snapshot(agent.id());
            HealthSnapshot snapshot = health.judged(agent.id());
            print.entry(agent.id().name())
                    .with(agent.displayName())
                    .with(agent.metadata())
                    .with(agent.firstSeen())
                    .with(agent.lastSeen())
                    .with(agent.dependencies())
                    .with(circuit.state().ordinal())
                    .with(circuit.hold() == null ? 0 : 1)
                    .with(circuits.contains(agent.id()) ? 0 : 1)
                    .with(HealthJson.status(snapshot))
                    .with(HealthJson.score(snapshot));
        });
        return print.tag();
    }

    private JsonObject json(Agent agent, JsonArray uses) {
        CircuitSnapshot circuit = circuits.snapshot(agent.id());
        HealthSnapshot snapshot = health.judged(agent.id());
        JsonObject metadata = new JsonObject();
        agent.metadata().forEach(metadata::put);
        return new JsonObject()
                .put("agent_id", agent.id().name())
                .put("display_name", agent.displayName())
                .put("metadata", metadata)
                .put("first_seen", CircuitJson.text(agent.firstSeen()))
                .put("last_seen", CircuitJson.text(agent.lastSeen()))
                .put("depends_on", uses)
                .put("state", CircuitJson.text(circuit.state()))
                .put("held", circuit.hold() != null)
                .put("idle", !circuits.contains(agent.id()))
                .put("status", HealthJson.status(snapshot))
                .put("score", HealthJson.score(snapshot));
    }

    private JsonObject neighbour(CircuitId id) {
        CircuitSnapshot circuit = circuits.snapshot(id);
        return new JsonObject()
                .put("agent_id", id.name())
                .put("state", CircuitJson.text(circuit.state()))
                .put("held", circuit.hold() != null);
    }
}
