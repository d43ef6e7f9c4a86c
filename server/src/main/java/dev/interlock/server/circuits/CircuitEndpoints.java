package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
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
    private final CircuitBreakerManager circuits;
    private final Policies policies;
    private final HttpProbes probes;
    private final Clock clock;

    /**
     * Endpoints for all organizations; each caller sees its own circuits.
     *
     * @param vertx whose event loops write long lists
     * @param workers sort them
     * @param circuits all circuits
     * @param policies say why a circuit is not probed
     * @param probes say how the last one failed
     * @param clock the wall clock
     */
    public CircuitEndpoints(
            Vertx vertx,
            Workers workers,
            CircuitBreakerManager circuits,
            Policies policies,
            HttpProbes probes,
            Clock clock) {
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
        CircuitSnapshot circuit =
                circuits.snapshot(CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id")));
        exchange.answer(withWords(CircuitJson.of(circuit, clock.instant()), circuit));
    }

    /** What a person who looks at one circuit wants to know of its probe beside what it decides. */
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
            CircuitStream.write(
                    vertx, exchange, new Sieve<>(listing.candidates(circuits).iterator(), listing::isWanted), clock);
            return;
        }
        workers.run(exchange.caller().organization(), () -> page(listing, listing.page(circuits, limit), limit))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    /** Written on a worker: a thousand circuits take an event loop too long. */
    private Page page(Listing listing, List<CircuitSnapshot> found, int limit) {
        List<CircuitSnapshot> page = found.subList(0, Math.min(found.size(), limit));
        String link =
                found.size() > limit ? listing.next(page.get(limit - 1).id().name()) : null;
        Instant now = clock.instant();
        JsonObject map = new JsonObject();
        page.forEach(circuit -> map.put(circuit.id().name(), CircuitJson.of(circuit, now)));
        return new Page(map.toBuffer(), link);
    }
}
