package dev.interlock.server.circuits;

import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Problem;
import dev.interlock.server.text.NearestNames;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Workers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Takes people's overrides of circuits. */
public final class ActionEndpoints implements Endpoints {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final KnownCircuits fleet;
    private final Workers workers;
    private final Overriding overriding;

    /**
     * Endpoints for all organizations; each caller commands its own circuits.
     *
     * @param vertx whose event loops wait for the store
     * @param workers look for names that are similar to an unknown one
     * @param fleet all agents and circuits that are known
     * @param overriding carries overrides out
     */
    public ActionEndpoints(Vertx vertx, Workers workers, KnownCircuits fleet, Overriding overriding) {
        this.vertx = vertx;
        this.workers = workers;
        this.fleet = fleet;
        this.overriding = overriding;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("actOnCircuit", this::act);
    }

    private void act(Exchange exchange) {
        CircuitId id = CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id"));
        ManualOverride override = override(exchange);
        if (fleet.contains(id)) {
            act(exchange, id, override, null);
            return;
        }
        workers.run(id.organization(), () -> nearest(id))
                .onSuccess(nearest -> actOnUnknown(exchange, id, override, nearest))
                .onFailure(exchange::fail);
    }

    /** Whom somebody may have meant. Looks at all names: for a worker. */
    private List<String> nearest(CircuitId id) {
        return NearestNames.of(
                id.name(),
                fleet.agents(id.organization())
                        .flatMap(Stream::ofNullable)
                        .map(agent -> agent.id().name()));
    }

    /** An unknown name may be a slip: a caller that wants to know first says so. */
    private void actOnUnknown(Exchange exchange, CircuitId id, ManualOverride override, List<String> nearest) {
        if (exchange.body().getBoolean("create", true)) {
            try {
                act(exchange, id, override, nearest);
            } catch (RuntimeException refused) {
                exchange.fail(refused);
            }
            return;
        }
        String meant = nearest.isEmpty() ? "" : "; did you mean '" + Texts.shown(nearest.get(0)) + "'?";
        exchange.fail(new Problem(
                        404,
                        "agent-unknown",
                        "Unknown agent",
                        "There is no agent '" + Texts.shown(id.name()) + "'" + meant
                                + " To override it all the same, leave out \"create\": false")
                .with("nearest", new JsonArray(nearest)));
    }

    /** Carries an override out; {@code nearest} are names similar to that of an unknown agent, else null. */
    private void act(Exchange exchange, CircuitId id, ManualOverride override, @Nullable List<String> nearest) {
        overriding.prepare(id, override);
        boolean changed = overriding.carryOut(id, override);
        Overriding.log(id.organization(), id.name(), override, 1);
        Future.fromCompletionStage(overriding.stored(id), vertx.getOrCreateContext())
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(false)
                .onSuccess(durable -> answer(exchange, done(id, override.action(), changed, nearest), durable))
                .onFailure(exchange::fail);
    }

    private ManualOverride override(Exchange exchange) {
        JsonObject body = exchange.body();
        return overriding.read(
                body.getString("action"), exchange.caller().actor(), body.getString("reason"), body.getString("until"));
    }

    private static JsonObject done(
            CircuitId id, OverrideAction action, boolean changed, @Nullable List<String> nearest) {
        JsonObject done = new JsonObject().put("status", status(action)).put("agent_id", id.name());
        if (!changed) {
            done.put("repeated", true);
        }
        return nearest == null ? done : done.put("created", true).put("nearest", new JsonArray(nearest));
    }

    private static void answer(Exchange exchange, JsonObject done, boolean durable) {
        if (durable) {
            exchange.answer(done);
        } else {
            exchange.answer(202, done.put("durable", false));
        }
    }

    private static String status(OverrideAction action) {
        return switch (action) {
            case OPEN -> "opened";
            case CLOSE -> "closed";
            case RESET -> "reset";
            case HOLD_OPEN -> "held_open";
            case HOLD_CLOSED -> "held_closed";
            case RELEASE -> "released";
            case PROBE_NOW -> "probed";
        };
    }
}
