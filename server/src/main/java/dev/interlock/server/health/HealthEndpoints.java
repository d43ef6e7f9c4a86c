package dev.interlock.server.health;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.HealthHistory;
import dev.interlock.jdbc.HealthHistory.Line;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.Times;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.workers.Workers;
import dev.interlock.store.StoreUnavailableException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows how agents are and were. */
public final class HealthEndpoints implements Endpoints {
    private static final int LIMIT = 100;

    /** Lines are noted once a minute. */
    private static final Duration LATELY = Duration.ofMinutes(3);

    private final Workers workers;
    private final HealthMonitor health;
    private final HealthHistory history;

    /**
     * Endpoints for all organizations; each caller sees its own agents.
     *
     * @param workers wait for the database
     * @param health how agents are
     * @param history how they were
     */
    public HealthEndpoints(Workers workers, HealthMonitor health, HealthHistory history) {
        this.workers = workers;
        this.health = health;
        this.history = history;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("getAgentHealth", this::now).on("listAgentHealth", this::then);
    }

    private void now(Exchange exchange) {
        CircuitId agent = CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id"));
        HealthSnapshot here = health.judged(agent);
        if (here != null) {
            exchange.answer(HealthJson.of(agent, here));
            return;
        }
        workers.run(agent.organization(), () -> elsewhere(agent))
                .onSuccess(snapshot -> exchange.answer(HealthJson.of(agent, snapshot)))
                .onFailure(exchange::fail);
    }

    /** How another process on the same database judged an agent lately. */
    private @Nullable HealthSnapshot elsewhere(CircuitId agent) {
        try {
            return history.last(agent, Instant.now().minus(LATELY));
        } catch (StoreUnavailableException away) {
            return null;
        }
    }

    private void then(Exchange exchange) {
        CircuitId agent = CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id"));
        Instant since = Times.optional("since", exchange.query("since"));
        Instant from = since == null ? Instant.EPOCH : since;
        String asked = exchange.query("limit");
        int limit = asked == null ? LIMIT : Integer.parseInt(asked);
        workers.run(agent.organization(), () -> page(history.of(agent.organization(), agent.name(), from, limit)))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    /** Written on a worker: a thousand lines take an event loop too long. */
    private static Page page(List<Line> lines) {
        JsonArray rows = new JsonArray();
        lines.forEach(line -> rows.add(new JsonObject()
                .put("at", CircuitJson.text(line.at()))
                .put("status", line.status())
                .put("score", line.score())
                .put("transition", line.transition())));
        return new Page(new JsonObject().put("history", rows).toBuffer(), null);
    }
}
