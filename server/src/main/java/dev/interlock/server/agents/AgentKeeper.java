package dev.interlock.server.agents;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.jdbc.AdministrationChanges;
import dev.interlock.jdbc.Agents;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.store.StoreUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Keeps the registry in the database. Blocks: for workers. Safe for use by any thread. */
public final class AgentKeeper {
    private final AgentRegistry agents;
    private final Agents table;
    private final AdministrationChanges changes;
    private final CircuitBreakerManager circuits;

    /** What the database has not taken yet; as many as there are agents at most. */
    private final Map<CircuitId, Agent> unsaved = new HashMap<>();

    /**
     * A keeper.
     *
     * @param agents who is known
     * @param table where they lie
     * @param changes says whose data was deleted
     * @param circuits the circuits of deleted agents are forgotten here
     */
    public AgentKeeper(
            AgentRegistry agents, Agents table, AdministrationChanges changes, CircuitBreakerManager circuits) {
        this.agents = agents;
        this.table = table;
        this.changes = changes;
        this.circuits = circuits;
    }

    /**
     * Brings the agents back that an earlier life knew.
     *
     * @param mostOfOrganization at most this many of each organization, those that were seen last
     * @throws StoreUnavailableException if the database cannot be reached
     */
    public void restore(int mostOfOrganization) {
        agents.restore(table.all(mostOfOrganization));
    }

    /**
     * Takes note of agents that other processes on the same database saw: other servers, and Java programs; and of those whose
     * data they deleted.
     *
     * @param since agents that were seen or deleted since this time
     * @throws StoreUnavailableException if the database cannot be reached
     */
    public void refresh(Instant since) {
        agents.merge(table.seenSince(since));
        changes.deletedAgents(since).forEach(this::forget);
    }

    /**
     * Forgets an agent whose data was deleted, unless it was seen since.
     *
     * @param id which
     * @param at when it was deleted
     */
    void forget(CircuitId id, Instant at) {
        if (agents.remove(id, at) || agents.find(id) == null) {
            circuits.forget(id);
        }
    }

    /**
     * Stores what was seen since the last time.
     *
     * @throws StoreUnavailableException if the database cannot be reached; the next time brings it along
     */
    public synchronized void save() {
        agents.takeChanged().forEach(agent -> unsaved.put(agent.id(), agent));
        if (!unsaved.isEmpty()) {
            unsaved.values().removeIf(agent -> agents.find(agent.id()) == null);
            table.sighted(new ArrayList<>(unsaved.values()));
            unsaved.clear();
        }
    }

    /**
     * Registers an agent, or gives a known one another name and metadata; stored first.
     *
     * @param id which agent
     * @param displayName what people call it, or null for its id
     * @param metadata whatever else
     * @param at now, by the wall clock
     * @return the agent; null if the organization keeps so much already that there is no room for this, and nothing changed
     * @throws StoreUnavailableException if the database cannot be reached; nothing changed
     */
    @Nullable
    Agent register(CircuitId id, @Nullable String displayName, Map<String, String> metadata, Instant at) {
        if (!agents.hasRoom(id, displayName, metadata)) {
            return null;
        }
        table.register(new Agent(id, displayName, metadata, at, at, new TreeSet<>()));
        return agents.register(id, displayName, metadata, at);
    }
}
