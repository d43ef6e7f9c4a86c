package dev.interlock.server.sync;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
import dev.interlock.Gate;
import dev.interlock.NamePattern;
import dev.interlock.server.circuits.Policies;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.security.UnauthorizedException;
import dev.interlock.server.sync.SyncClient.Watch;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Turns;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes one answer: what a client does not know yet, a few circuits at a time, so that a long list holds up nobody else
 * on the event loop. Used there only.
 */
final class SyncAnswer {
    /** How many circuits are looked at in one turn. */
    private static final int A_TURN = 20;

    private static final String ALTERNATIVES = "alternatives";

    private static final int STALE_AFTER_MILLIS = 30_000;

    /**
     * What all answers are made of.
     *
     * @param vertx whose event loops write
     * @param circuits the circuits
     * @param policies what they follow
     * @param clock the wall clock
     * @param generation this life of the server, which no other has
     */
    record Source(Vertx vertx, CircuitBreakerManager circuits, Policies policies, Clock clock, long generation) {}

    private final Source source;
    private final Exchange exchange;
    private final SyncClient client;
    private final SyncRequest request;
    private final Watch watch;
    private final long since;
    private final JsonObject json;
    private final JsonArray changed = new JsonArray();
    private final JsonObject settings = new JsonObject();
    private int next;

    /** Reads the count first: what is looked at behind it is at least as new. */
    private SyncAnswer(Source source, Exchange exchange, SyncClient client, SyncRequest request) {
        this.source = source;
        this.exchange = exchange;
        this.client = client;
        this.request = request;
        Changes changes = client.changes();
        long now = changes.now();
        this.watch = client.watch();
        boolean reset = request.generation() != source.generation() || !changes.knowsSince(request.cursor());
        this.since = reset ? -1 : request.cursor();
        this.json = of(source.generation(), now);
        if (reset) {
            json.put("reset", true);
        }
    }

    /** What each answer has, and all that one has to a client that leaves. */
    static JsonObject of(long generation, long cursor) {
        return new JsonObject()
                .put("generation", generation)
                .put("cursor", Long.toString(cursor))
                .put("stale_after_ms", STALE_AFTER_MILLIS);
    }

    /**
     * Answers.
     *
     * @param receipt what became of the report, or null without one
     * @param closing whether the server goes away
     */
    static void write(
            Source source,
            Exchange exchange,
            SyncClient client,
            SyncRequest request,
            @Nullable JsonObject receipt,
            boolean closing) {
        if (!exchange.isStillKnown()) {
            exchange.fail(new UnauthorizedException(
                    "The key was removed, or the token has ended, while the request was under way"));
            return;
        }
        SyncAnswer answer = new SyncAnswer(source, exchange, client, request);
        if (receipt != null) {
            answer.json.put("receipt", receipt);
        }
        if (closing) {
            answer.json.put("closing", true);
        }
        answer.piece();
    }

    private void piece() {
        List<Watched> circuits = watch.circuits();
        for (int looked = 0; next < circuits.size() && looked < A_TURN; next++) {
            if (watch.changed(next) > since) {
                looked++;
                add(circuits.get(next), watch.policyChanged(next) > since);
            }
        }
        if (next < circuits.size()) {
            Turns.add(source.vertx(), exchange.caller().organization(), this::piece);
        } else {
            end();
        }
    }

    private void add(Watched watched, boolean withPolicy) {
        CircuitSnapshot circuit = source.circuits().snapshot(watched.id());
        changed.add(SyncJson.of(circuit));
        if (withPolicy && !settings.containsKey(circuit.policy())) {
            settings.put(
                    circuit.policy(),
                    visible(source.policies().settings(circuit.id().organization(), circuit.policy())));
        }
    }

    /** A limited key hears of no alternative that it may not watch. */
    private JsonObject visible(JsonObject policy) {
        JsonArray seen = new JsonArray();
        for (Object each : policy.getJsonArray(ALTERNATIVES)) {
            if (exchange.caller().mayDependOn((String) each)) {
                seen.add(each);
            }
        }
        return policy.put(ALTERNATIVES, seen);
    }

    private void end() {
        if (!changed.isEmpty() || since < 0) {
            json.put("circuits", changed);
        }
        if (!settings.isEmpty()) {
            json.put("policies", settings);
        }
        if (Math.max(watch.at(), client.changes().gatesChanged()) > since) {
            json.put("gates", gates());
        }
        if (request.watch() != null && !watch.refused().isEmpty()) {
            json.put("unwatched", unwatched());
        }
        exchange.answer(json);
    }

    private JsonArray gates() {
        JsonArray gates = new JsonArray();
        boolean all = exchange.caller().mayTouchAll();
        for (Gate each : source.circuits().gates().list(exchange.caller().organization())) {
            if (all || mayCover(each)) {
                gates.add(SyncJson.of(each, source.clock().instant()));
            }
        }
        return gates;
    }

    /** A limited key hears of gates that may cover what it watches, and of no others. */
    private boolean mayCover(Gate gate) {
        NamePattern pattern = gate.pattern();
        return pattern == null
                || watch.circuits().stream()
                        .anyMatch(circuit -> pattern.matches(circuit.id().name()));
    }

    private JsonArray unwatched() {
        JsonArray refused = new JsonArray();
        for (String each : watch.refused()) {
            refused.add(new JsonObject()
                    .put("agent_id", each)
                    .put(
                            "detail",
                            "This key may not watch '" + Texts.shown(each) + "': it is limited to '"
                                    + Texts.shown(
                                            String.valueOf(exchange.caller().agents()))
                                    + "' and what all agents share (model:, tool:, key:, mcp:)"));
        }
        return refused;
    }
}
