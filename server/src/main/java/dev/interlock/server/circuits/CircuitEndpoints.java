package dev.interlock.server.circuits;

import dev.interlock.CircuitSnapshot;
import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.http.Answers;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.probes.HttpProbes;
import dev.interlock.server.workers.Sieve;
import dev.interlock.server.workers.Workers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Shows what circuits look like. */
public final class CircuitEndpoints implements Endpoints {
    private final Vertx vertx;
    private final Workers workers;
    private final KnownCircuits circuits;
    private final Policies policies;
    private final HttpProbes probes;
    private final Clock clock;

    /**
     * Endpoints for all organizations; each caller sees its own circuits.
     *
     * @param vertx whose event loops write long lists
     * @param workers sort them
     * @param circuits the fleet
     * @param policies say why a circuit is not probed
     * @param probes say how the last one failed
     * @param clock the wall clock
     */
    public CircuitEndpoints(
            Vertx vertx, Workers workers, KnownCircuits circuits, Policies policies, HttpProbes probes, Clock clock) {
        this.vertx = vertx;
        this.workers = workers;
        this.circuits = circuits;
        this.policies = policies;
        this.probes = probes;
        this.clock = clock;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("listCircuits", this::list).on("getCircuit", this::one);
    }

    private void one(Exchange exchange) {
        Instant now = clock.instant(); // before the circuit is looked at: its cooldown never reads longer than it is
        Known known = circuits.of(CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id")));
        exchange.answer(withWords(CircuitJson.of(known, now), known.circuit()));
    }

    /** What a person who looks at one circuit wants to know of its probe in addition to what it decides. */
    private JsonObject withWords(JsonObject json, CircuitSnapshot circuit) {
        JsonObject probe = json.getJsonObject("probe");
        if (probe != null) {
            probe.put(
                    "last_failure",
                    Boolean.FALSE.equals(probe.getBoolean("last_good")) ? probes.lastFailure(circuit.id()) : null);
        }
        return json.put("not_probed", policies.notProbed(circuit));
    }

    private void list(Exchange exchange) {
        Listing listing = Listing.of(exchange);
        Integer limit = listing.limit();
        if (limit == null) {
            workers.run(exchange.caller().organization(), () -> listing.tag(circuits))
                    .onSuccess(tag -> whole(exchange, listing, tag))
                    .onFailure(exchange::fail);
            return;
        }
        workers.run(exchange.caller().organization(), () -> page(listing, limit))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    private void whole(Exchange exchange, Listing listing, String tag) {
        if (!Answers.has(exchange, tag)) {
            CircuitStream.write(
                    vertx, exchange, new Sieve<>(listing.candidates(circuits).iterator(), listing::isWanted), clock);
        }
    }

    /** Written on a worker: a thousand circuits take an event loop too long. */
    private Page page(Listing listing, int limit) {
        Instant now = clock.instant(); // as above
        List<Known> found = listing.page(circuits, limit);
        List<Known> page = found.subList(0, Math.min(found.size(), limit));
        String link = found.size() > limit ? listing.next(page.get(limit - 1).name(), limit) : null;
        JsonObject map = new JsonObject();
        page.forEach(circuit -> map.put(circuit.name(), CircuitJson.of(circuit, now)));
        return new Page(map.toBuffer(), link);
    }
}
