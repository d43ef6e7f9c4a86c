package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.Redactor;
import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Problem;
import dev.interlock.server.names.NameGate;
import dev.interlock.server.text.NearestNames;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Workers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes people's overrides of circuits. */
public final class ActionEndpoints implements Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(ActionEndpoints.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final CircuitBreakerManager circuits;
    private final AgentRegistry agents;
    private final KnownCircuits fleet;
    private final Workers workers;
    private final NameGate names;
    private final Reasons reasons;
    private final boolean requireReason;
    private final Clock clock;

    /**
     * Endpoints for all organizations; each caller commands its own circuits.
     *
     * @param vertx whose event loops wait for the store
     * @param workers look for names that are like one that nobody has heard of
     * @param circuits all circuits
     * @param agents who is known
     * @param fleet them and all circuits
     * @param names lets new names in
     * @param memory in which descriptions lie, of which organizations have shares
     * @param requireReason whether an override without a reason is refused
     * @param clock the wall clock
     */
    public ActionEndpoints(
            Vertx vertx,
            Workers workers,
            CircuitBreakerManager circuits,
            AgentRegistry agents,
            KnownCircuits fleet,
            NameGate names,
            Shares memory,
            boolean requireReason,
            Clock clock) {
        this.workers = workers;
        this.agents = agents;
        this.fleet = fleet;
        this.names = names;
        this.vertx = vertx;
        this.circuits = circuits;
        this.reasons = new Reasons(circuits, memory);
        this.requireReason = requireReason;
        this.clock = clock;
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

    /** A name that nobody has heard of may be a slip: who wants to know first says so. */
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
                        "Nobody has heard of this agent",
                        "Nobody has heard of '" + Texts.shown(id.name()) + "'" + meant
                                + " To override it all the same, leave out \"create\": false")
                .with("nearest", new JsonArray(nearest)));
    }

    /** Carries an override out; {@code nearest} are the names like that of an agent that nobody has heard of, else null. */
    private void act(Exchange exchange, CircuitId id, ManualOverride override, @Nullable List<String> nearest) {
        names.admit(id);
        reasons.give(id, override.reason());
        circuits.override(id, override);
        agents.sighted(id, null, clock.instant());
        LOG.atInfo()
                .addKeyValue("organization", id.organization())
                .addKeyValue("agent", id.name())
                .addKeyValue("action", override.action())
                .addKeyValue("actor", override.actor())
                .log("An override was carried out");
        Future.fromCompletionStage(circuits.stored(id), vertx.getOrCreateContext())
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(false)
                .onSuccess(durable -> answer(exchange, id, override.action(), durable, nearest))
                .onFailure(exchange::fail);
    }

    private ManualOverride override(Exchange exchange) {
        JsonObject body = exchange.body();
        String action = body.getString("action");
        String reason = body.getString("reason");
        if (requireReason && (reason == null || reason.isBlank())) {
            throw new Problem(
                    422,
                    "reason-required",
                    "A reason is required",
                    "Each override on this server needs a reason (require-reason), and this one has none: add \"reason\","
                            + " such as \"the provider is down\"");
        }
        Instant until = until(body.getString("until"));
        if (until != null && !action.startsWith("hold_")) {
            throw Problem.invalid("until belongs to hold_open or hold_closed, but the action is " + action);
        }
        try {
            return new ManualOverride(
                    OverrideAction.valueOf(action.toUpperCase(Locale.ROOT)),
                    exchange.caller().actor(),
                    withoutSecrets(reason),
                    until);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()));
        }
    }

    /** A reason is kept, streamed and read by many: what people paste into it should not be. */
    private static @Nullable String withoutSecrets(@Nullable String reason) {
        return reason == null ? null : Redactor.standard().redact(reason);
    }

    private @Nullable Instant until(@Nullable String text) {
        if (text == null) {
            return null;
        }
        Instant until = Times.read("until", text);
        if (!until.isAfter(clock.instant())) {
            throw Problem.invalid(
                    "until must be in the future, but is " + until + "; it is " + clock.instant() + " now");
        }
        return until;
    }

    private static void answer(
            Exchange exchange, CircuitId id, OverrideAction action, boolean durable, @Nullable List<String> nearest) {
        JsonObject done = new JsonObject().put("status", status(action)).put("agent_id", id.name());
        if (nearest != null) {
            done.put("created", true).put("nearest", new JsonArray(nearest));
        }
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
