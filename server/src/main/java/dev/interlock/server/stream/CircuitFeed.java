package dev.interlock.server.stream;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.StateTransition;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.KnownCircuits;
import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.circuits.Why;
import dev.interlock.server.health.HealthJson;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Iterator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reports to the stream what circuits do. Safe for use by any thread. */
public final class CircuitFeed implements CircuitListener {
    private final KnownCircuits circuits;
    private final HealthMonitor health;
    private final StreamHub hub;
    private final Supplier<Instant> clock;

    private CircuitFeed(KnownCircuits circuits, HealthMonitor health, Supplier<Instant> clock) {
        this.circuits = circuits;
        this.health = health;
        this.clock = clock;
        this.hub = new StreamHub(this::snapshot, clock);
    }

    /**
     * A hub that reports what some circuits do, and how their agents are, from now on.
     *
     * @param circuits the circuits
     * @param fleet them and the agents that are known
     * @param health how agents are
     * @param clock the wall clock
     * @return the hub
     */
    public static StreamHub of(
            CircuitBreakerManager circuits, KnownCircuits fleet, HealthMonitor health, Supplier<Instant> clock) {
        CircuitFeed feed = new CircuitFeed(fleet, health, clock);
        circuits.addListener(feed);
        health.addListener(new HealthFeed(feed.hub));
        return feed.hub;
    }

    @Override
    public void onTransition(StateTransition transition) {
        CircuitId id = transition.id();
        hub.publish(id.organization(), "circuit_state", id.name(), transition.epoch(), () -> data(transition));
    }

    @Override
    public void onMissed(long events) {
        hub.resyncAll();
    }

    private JsonObject data(StateTransition transition) {
        CircuitId id = transition.id();
        Instant now = clock.get(); // before the circuit is looked at: its cooldown never reads longer than it is
        Known known = circuits.of(id);
        // What another process decided has its cause in the circuit alone, which may be further by now.
        boolean present = known.circuit().epoch() == transition.epoch();
        Why why = present ? Why.of(known.circuit()) : Why.of(transition, null);
        return new JsonObject()
                .put("agent_id", id.name())
                .put("state", CircuitJson.text(transition.to()))
                .put("from", CircuitJson.text(transition.from()))
                .put("epoch", transition.epoch())
                .put("at", CircuitJson.text(transition.at()))
                .put("cause", why.cause())
                .put("carried_over", why.carriedOver())
                .put("held", transition.hold() != null)
                .put("actor", transition.actor())
                .put("reason", transition.reason())
                .put("description", why.describe(transition))
                .put("stats", CircuitJson.of(known, now));
    }

    private Iterator<@Nullable StreamEntry> snapshot(String organization) {
        return circuits.all(organization)
                .<@Nullable StreamEntry>map(this::entry)
                .iterator();
    }

    private @Nullable StreamEntry entry(@Nullable Known known) {
        return known == null
                ? null
                : new StreamEntry(
                        known.name(),
                        known.circuit().epoch(),
                        known.circuit().since(),
                        CircuitJson.of(known, clock.get()),
                        health(known.circuit().id()),
                        about(known.circuit().id()));
    }

    private @Nullable JsonObject about(CircuitId id) {
        Agent agent = circuits.agent(id);
        return agent == null ? null : AgentFeed.about(agent);
    }

    private @Nullable JsonObject health(CircuitId id) {
        HealthSnapshot snapshot = health.judged(id);
        return snapshot == null
                        || snapshot.status() == HealthStatus.HEALTHY
                        || snapshot.status() == HealthStatus.UNKNOWN
                ? null
                : HealthJson.update(snapshot);
    }
}
