package dev.interlock.server.actions;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.Gate;
import dev.interlock.ManualOverride;
import dev.interlock.jdbc.BulkOverrides;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.GateChanges;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.server.actions.ManyOverrides.Plan;
import dev.interlock.server.actions.Stops.What;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.FleetQuery;
import dev.interlock.server.circuits.KnownCircuits;
import dev.interlock.server.circuits.Overriding;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.NextLink;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.http.Problem;
import dev.interlock.server.sync.SyncEndpoints;
import dev.interlock.server.workers.Pools;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes what people do to many at once, and shows what is stopped and what was done. */
public final class ActionsEndpoints implements Endpoints {
    private static final int LIMIT = 100;
    private static final Set<String> OF_GATES = Set.of("stop", "resume");
    private static final String UNDO = "undo";

    private final Pools pools;
    private final Overriding overriding;
    private final Stops stops;
    private final Acknowledging acknowledging;
    private final ManyOverrides many;
    private final GateChanges changes;
    private final SyncEndpoints clients;

    private ActionsEndpoints(
            Pools pools,
            Overriding overriding,
            Stops stops,
            Acknowledging acknowledging,
            ManyOverrides many,
            GateChanges changes,
            SyncEndpoints clients) {
        this.pools = pools;
        this.overriding = overriding;
        this.stops = stops;
        this.acknowledging = acknowledging;
        this.many = many;
        this.changes = changes;
        this.clients = clients;
    }

    /**
     * Endpoints for all organizations; each caller commands its own.
     *
     * @param vertx whose event loops wait for those that are to obey
     * @param pools look through the fleet, and wait for the database
     * @param circuits all circuits, and the gates before them
     * @param fleet all agents and circuits that are known
     * @param agents what is known of agents in addition to their circuits
     * @param health how they are
     * @param overriding carries overrides out
     * @param database where gates and overrides of many are kept
     * @param clients who decides locally
     * @param alone whether no other process can hear of gates
     * @param clock the wall clock
     * @return them
     */
    public static ActionsEndpoints of(
            Vertx vertx,
            Pools pools,
            CircuitBreakerManager circuits,
            KnownCircuits fleet,
            AgentRegistry agents,
            HealthMonitor health,
            Overriding overriding,
            Database database,
            SyncEndpoints clients,
            boolean alone,
            Clock clock) {
        return new ActionsEndpoints(
                pools,
                overriding,
                new Stops(circuits.gates(), fleet),
                new Acknowledging(vertx, clients, circuits.settlements().process(), alone),
                new ManyOverrides(circuits, fleet, agents, health, overriding, database.bulkOverrides(), clock),
                database.gateChanges(),
                clients);
    }

    @Override
    public void mount(Operations operations) {
        operations
                .on("actOnMany", this::act)
                .on("listActions", this::list)
                .on("listGates", this::gates)
                .on("listGateChanges", this::gateChanges);
    }

    private void act(Exchange exchange) {
        String action = exchange.body().getString("action");
        if (OF_GATES.contains(action)) {
            only(exchange, action, Set.of("covers", "pattern", "id", "until", "dry_run"));
            if (action.equals("stop")) {
                stop(exchange);
            } else {
                resume(exchange);
            }
        } else if (action.equals(UNDO)) {
            only(exchange, action, Set.of("id"));
            undo(exchange);
        } else {
            only(exchange, action, Set.of("pattern", "query", "until", "dry_run", "at_most"));
            override(exchange, action);
        }
    }

    /** What belongs to another action is a slip, which may be a costly one. */
    private static void only(Exchange exchange, String action, Set<String> own) {
        for (String name : exchange.body().fieldNames()) {
            if (!own.contains(name)
                    && !name.equals("action")
                    && !name.equals("reason")
                    && exchange.body().getValue(name) != null) {
                throw Problem.invalid(name + " does not belong to the action " + action + "; it takes reason, "
                        + String.join(", ", own.stream().sorted().toList()));
            }
        }
    }

    private void stop(Exchange exchange) {
        JsonObject body = exchange.body();
        String organization = exchange.caller().organization();
        if (body.getString("id") != null) {
            throw Problem.invalid("id does not belong to the action stop; say covers, and pattern");
        }
        What what = What.of(body.getString("covers"), body.getString("pattern"));
        if (isDryRun(exchange)) {
            pools.computing()
                    .run(organization, () -> stops.preview(organization, what))
                    .onSuccess(exchange::answer)
                    .onFailure(exchange::fail);
            return;
        }
        Stops.Done done = stops.stop(
                organization,
                what,
                exchange.caller().actor(),
                overriding.reason(body.getString("reason")),
                overriding.until(body.getString("until")));
        answer(exchange, "stop", done);
    }

    private void resume(Exchange exchange) {
        JsonObject body = exchange.body();
        String id = body.getString("id");
        if (id != null && body.getString("covers") != null) {
            throw Problem.invalid("resume takes either id, or covers and pattern, but not both");
        }
        if (isDryRun(exchange) || body.getString("until") != null) {
            throw Problem.invalid("dry_run and until do not belong to the action resume");
        }
        String gate = id != null
                ? id
                : What.of(body.getString("covers"), body.getString("pattern")).id();
        Stops.Done done = stops.resume(
                exchange.caller().organization(),
                gate,
                exchange.caller().actor(),
                overriding.reason(body.getString("reason")));
        answer(exchange, "resume", done);
    }

    private void answer(Exchange exchange, String action, Stops.Done done) {
        Gate replaced = done.replaced();
        acknowledging
                .acknowledged(exchange.caller().organization(), done.change(), action.equals("stop"))
                .onSuccess(acknowledged -> {
                    JsonObject answer = new JsonObject()
                            .put("action", action)
                            .put("gate", GateJson.of(done.gate()))
                            .mergeIn(acknowledged);
                    if (replaced != null) {
                        answer.put("replaced", GateJson.of(replaced));
                    }
                    exchange.answer(answer.getBoolean("durable") ? 200 : 202, answer);
                })
                .onFailure(exchange::fail);
    }

    private void override(Exchange exchange, String action) {
        JsonObject body = exchange.body();
        String pattern = body.getString("pattern");
        String query = body.getString("query");
        if ((pattern == null) == (query == null)) {
            throw Problem.invalid("Say which circuits with either pattern, such as \"planner-*\", or query, such as"
                    + " \"state:open dep:model:kimi-k2\"");
        }
        FleetQuery wanted = pattern != null ? FleetQuery.named(pattern) : FleetQuery.parse(query);
        boolean dry = isDryRun(exchange);
        String reason = dry && body.getString("reason") == null ? "preview" : body.getString("reason");
        ManualOverride override = overriding.read(action, exchange.caller().actor(), reason, body.getString("until"));
        String organization = exchange.caller().organization();
        String selection = pattern != null ? pattern : query;
        Integer atMost = body.getInteger("at_most");
        pools.computing()
                .change(organization, () -> {
                    Plan plan = many.plan(organization, wanted, selection, override);
                    if (dry) {
                        return many.preview(plan);
                    }
                    refuseMoreThan(atMost, plan);
                    return many.carryOut(organization, plan);
                })
                .onSuccess(done -> answer(exchange, done))
                .onFailure(exchange::fail);
    }

    private static void refuseMoreThan(@Nullable Integer atMost, Plan plan) {
        if (atMost != null && plan.changes().size() > atMost) {
            throw new Problem(
                            409,
                            "more-than-expected",
                            "More circuits than expected",
                            "Nothing was done: this would change "
                                    + plan.changes().size() + " circuits by now, and" + " at_most allows " + atMost
                                    + "; preview it again")
                    .with("changed", plan.changes().size());
        }
    }

    private void undo(Exchange exchange) {
        String id = exchange.body().getString("id");
        if (id == null) {
            throw Problem.invalid("undo needs the id that the action was answered with; see GET /api/v1/actions");
        }
        String organization = exchange.caller().organization();
        String actor = exchange.caller().actor();
        String reason = overriding.reason(exchange.body().getString("reason"));
        pools.computing()
                .change(organization, () -> many.undo(organization, id, actor, reason))
                .onSuccess(done -> answer(exchange, done))
                .onFailure(exchange::fail);
    }

    private static void answer(Exchange exchange, JsonObject done) {
        exchange.answer(done.getBoolean("durable", true) ? 200 : 202, done);
    }

    private static boolean isDryRun(Exchange exchange) {
        return exchange.body().getBoolean("dry_run", false);
    }

    private void list(Exchange exchange) {
        String organization = exchange.caller().organization();
        pools.database()
                .run(organization, () -> {
                    JsonArray rows = new JsonArray();
                    many.of(organization).forEach(line -> rows.add(json(line)));
                    return new Page(new JsonObject().put("actions", rows).toBuffer(), null);
                })
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    private static JsonObject json(BulkOverrides.Line line) {
        return new JsonObject()
                .put("id", line.id())
                .put("at", CircuitJson.text(line.at()))
                .put("actor", line.actor())
                .put("action", line.action())
                .put("selection", line.selection())
                .put("reason", line.reason())
                .put("changed", line.circuits())
                .put("undoes", line.undoes());
    }

    private void gates(Exchange exchange) {
        String organization = exchange.caller().organization();
        JsonArray gates = new JsonArray();
        stops.of(organization).forEach(gate -> gates.add(GateJson.of(gate)));
        JsonArray behind = new JsonArray();
        clients.behind(organization, clients.noteGates(organization)).stream()
                .limit(LIMIT)
                .map(client -> Acknowledging.client(client, !gates.isEmpty()))
                .forEach(behind::add);
        exchange.answer(new JsonObject().put("gates", gates).put("not_confirmed", behind));
    }

    private void gateChanges(Exchange exchange) {
        String organization = exchange.caller().organization();
        String asked = exchange.query("limit");
        int limit = asked == null ? LIMIT : Integer.parseInt(asked);
        String from = exchange.query("before");
        long before = from == null ? GateChanges.NEWEST : Long.parseLong(from);
        pools.database()
                .run(organization, () -> page(changes.of(organization, before, limit + 1), limit))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    private static Page page(List<GateChanges.Line> lines, int limit) {
        List<GateChanges.Line> page = lines.subList(0, Math.min(lines.size(), limit));
        String link = lines.size() > limit
                ? new NextLink("/api/v1/gates/changes", limit)
                        .with("before", String.valueOf(page.get(limit - 1).number()))
                        .header()
                : null;
        JsonArray rows = new JsonArray();
        page.forEach(line -> rows.add(GateJson.of(line)));
        return new Page(new JsonObject().put("changes", rows).toBuffer(), link);
    }
}
