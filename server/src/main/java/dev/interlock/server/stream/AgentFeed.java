package dev.interlock.server.stream;

import dev.interlock.monitor.Agent;
import dev.interlock.monitor.AgentRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reports to the stream what agents are called, what their metadata is and what they use. Safe for use by any thread. */
public final class AgentFeed {
    private final AgentRegistry agents;
    private final StreamHub hub;

    /**
     * A feed.
     *
     * @param agents who is known
     * @param hub to whom it is reported
     */
    public AgentFeed(AgentRegistry agents, StreamHub hub) {
        this.agents = agents;
        this.hub = hub;
    }

    /** Reports what changed since the last time. */
    public synchronized void step() {
        for (Agent agent : agents.takeDescribed()) {
            String name = agent.id().name();
            hub.publish(
                    agent.id().organization(), "agent", name, () -> json(agent).put("agent_id", name));
        }
    }

    /** What a snapshot says of an agent in addition to its circuit; null if that is nothing. */
    static @Nullable JsonObject about(Agent agent) {
        boolean nothing = agent.displayName() == null
                && agent.metadata().isEmpty()
                && agent.dependencies().isEmpty();
        return nothing ? null : json(agent);
    }

    /** How much of it there is. */
    static int weight(JsonObject about) {
        return about.getJsonArray("depends_on").size()
                + about.getJsonObject("metadata").size();
    }

    private static JsonObject json(Agent agent) {
        JsonObject metadata = new JsonObject();
        agent.metadata().forEach(metadata::put);
        return new JsonObject()
                .put("display_name", agent.displayName())
                .put("metadata", metadata)
                .put("depends_on", new JsonArray(List.copyOf(agent.dependencies())));
    }
}
