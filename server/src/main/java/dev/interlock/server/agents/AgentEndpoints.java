package dev.interlock.server.agents;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.Redactor;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.KnownCircuits;
import dev.interlock.server.http.Answers;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.http.Problem;
import dev.interlock.server.names.NameGate;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Pools;
import dev.interlock.server.workers.Sieve;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lists and shows agents, and registers them. */
public final class AgentEndpoints implements Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(AgentEndpoints.class);

    private static final int MOST_METADATA = 4_096;

    private final Vertx vertx;
    private final Pools pools;
    private final KnownCircuits fleet;
    private final AgentKeeper keeper;
    private final NameGate names;
    private final CircuitBreakerManager circuits;
    private final HealthMonitor health;
    private final Clock clock;
    private final AgentJson json;

    /**
     * Endpoints for all organizations; each caller sees its own agents.
     *
     * @param vertx whose event loops write long lists
     * @param pools sort them, and wait for the database
     * @param agents who is known
     * @param fleet them and all circuits
     * @param keeper keeps them
     * @param names lets new names in
     * @param circuits all circuits
     * @param health how agents are
     * @param clock the wall clock
     */
    public AgentEndpoints(
            Vertx vertx,
            Pools pools,
            AgentRegistry agents,
            KnownCircuits fleet,
            AgentKeeper keeper,
            NameGate names,
            CircuitBreakerManager circuits,
            HealthMonitor health,
            Clock clock) {
        this.vertx = vertx;
        this.pools = pools;
        this.fleet = fleet;
        this.keeper = keeper;
        this.names = names;
        this.circuits = circuits;
        this.health = health;
        this.clock = clock;
        this.json = new AgentJson(agents, circuits, health);
    }

    @Override
    public void mount(Operations operations) {
        operations.on("listAgents", this::list).on("getAgent", this::one).on("putAgent", this::put);
    }

    private void list(Exchange exchange) {
        AgentListing listing = AgentListing.of(exchange);
        Integer limit = listing.limit();
        Predicate<Agent> wanted = listing.wanted(circuits, health);
        Stream<@Nullable Agent> all = fleet.agents(listing.organization());
        if (limit == null) {
            pools.computing()
                    .run(
                            listing.organization(),
                            () -> json.tag(all.flatMap(Stream::ofNullable).filter(wanted)))
                    .onSuccess(tag -> whole(exchange, listing, tag))
                    .onFailure(exchange::fail);
            return;
        }
        pools.computing()
                .run(
                        listing.organization(),
                        () -> page(
                                listing,
                                listing.page(all.flatMap(Stream::ofNullable).filter(wanted), limit),
                                limit))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    private void whole(Exchange exchange, AgentListing listing, String tag) {
        if (!Answers.has(exchange, tag)) {
            Sieve<Agent> all =
                    new Sieve<>(fleet.agents(listing.organization()).iterator(), listing.wanted(circuits, health));
            AgentStream.write(vertx, exchange, all, json);
        }
    }

    /** Written on a worker: a thousand agents take an event loop too long. */
    private Page page(AgentListing listing, List<Agent> found, int limit) {
        List<Agent> page = found.subList(0, Math.min(found.size(), limit));
        String link =
                found.size() > limit ? listing.next(page.get(limit - 1).id().name(), limit) : null;
        JsonArray array = new JsonArray();
        page.forEach(agent -> array.add(json.of(agent)));
        return new Page(new JsonObject().put("agents", array).toBuffer(), link);
    }

    private void one(Exchange exchange) {
        CircuitId id = CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id"));
        Agent agent = fleet.agent(id);
        if (agent == null) {
            throw Problem.notFound(
                    "No agent '" + Texts.shown(id.name()) + "' has been heard of; it is known once it took"
                            + " a permit, was logged, or was registered with PUT");
        }
        answer(exchange, agent);
    }

    private void put(Exchange exchange) {
        CircuitId id = CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id"));
        JsonObject body = exchange.body();
        names.admit(id);
        String name = body.getString("display_name") == null
                ? null
                : Redactor.standard().redact(body.getString("display_name"));
        JsonObject given = body.getJsonObject("metadata", new JsonObject());
        Map<String, String> metadata = new LinkedHashMap<>();
        if (given != null) {
            given.forEach(
                    each -> metadata.put(each.getKey(), Redactor.standard().redact(String.valueOf(each.getValue()))));
        }
        mustBeShort(metadata);
        mustBeStorable("display_name", name == null ? "" : name);
        metadata.forEach((key, value) -> {
            mustBeStorable("metadata", key);
            mustBeStorable("metadata", value);
        });
        pools.database()
                .change(id.organization(), () -> keeper.register(id, name, metadata, clock.instant()))
                .onSuccess(agent -> {
                    if (agent == null) {
                        exchange.fail(full());
                        return;
                    }
                    LOG.atInfo()
                            .addKeyValue("organization", id.organization())
                            .addKeyValue("agent", id.name())
                            .addKeyValue("actor", exchange.caller().actor())
                            .log("An agent was registered");
                    answer(exchange, agent);
                })
                .onFailure(exchange::fail);
    }

    private void answer(Exchange exchange, Agent agent) {
        pools.computing()
                .run(agent.id().organization(), () -> json.inDetail(agent))
                .onSuccess(exchange::answer)
                .onFailure(exchange::fail);
    }

    private static void mustBeShort(Map<String, String> metadata) {
        int characters = 0;
        for (Map.Entry<String, String> each : metadata.entrySet()) {
            characters += each.getKey().length() + each.getValue().length();
        }
        if (characters > MOST_METADATA) {
            throw Problem.invalid("metadata may have at most " + MOST_METADATA
                    + " characters, names included, but this has " + characters);
        }
    }

    private static Problem full() {
        return Problem.conflict(
                "The organization's share of the memory for names, metadata and dependencies of agents is"
                        + " used up; give agents less metadata, or have the server started with more memory"
                        + " (description-memory)");
    }

    private static void mustBeStorable(String what, String text) {
        if (text.length() > 1_024 || text.indexOf(0) >= 0) {
            throw Problem.invalid(what + " must be texts of at most 1024 characters without NUL");
        }
        NameGate.mustBePrintable(
                what,
                what.equals("display_name") ? text : text.replace('\n', ' ').replace('\t', ' '));
    }
}
