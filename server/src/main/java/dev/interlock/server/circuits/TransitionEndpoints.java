package dev.interlock.server.circuits;

import dev.interlock.jdbc.Transitions;
import dev.interlock.jdbc.Transitions.Line;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.workers.Workers;
import dev.interlock.store.TransitionRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows the audit trail. */
public final class TransitionEndpoints implements Endpoints {
    private static final int LIMIT = 100;

    private final Workers workers;
    private final Transitions transitions;

    /**
     * Endpoints for all organizations; each caller sees its own circuits' past.
     *
     * @param workers wait for the database
     * @param transitions what happened
     */
    public TransitionEndpoints(Workers workers, Transitions transitions) {
        this.workers = workers;
        this.transitions = transitions;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("listTransitions", this::list);
    }

    private void list(Exchange exchange) {
        String organization = exchange.caller().organization();
        String agent = CircuitJson.id(organization, exchange.path("agent_id")).name();
        int limit = Math.toIntExact(number(exchange.query("limit"), LIMIT));
        long before = number(exchange.query("before"), Transitions.NEWEST);
        workers.run(organization, () -> transitions.of(organization, agent, before, limit + 1))
                .onSuccess(lines -> answer(exchange, agent, lines, limit))
                .onFailure(exchange::fail);
    }

    private static void answer(Exchange exchange, String agent, List<Line> lines, int limit) {
        List<Line> page = lines.subList(0, Math.min(lines.size(), limit));
        if (lines.size() > limit) {
            String segment = URLEncoder.encode(agent, StandardCharsets.UTF_8).replace("+", "%20");
            exchange.response()
                    .putHeader(
                            "Link",
                            "</api/v1/circuits/" + segment + "/transitions?limit=" + limit + "&before="
                                    + page.get(limit - 1).id() + ">; rel=\"next\"");
        }
        JsonArray rows = new JsonArray();
        page.forEach(line -> rows.add(json(line)));
        exchange.answer(new JsonObject().put("agent_id", agent).put("transitions", rows));
    }

    private static JsonObject json(Line line) {
        TransitionRecord row = line.transition();
        return new JsonObject()
                .put("id", line.id())
                .put("at", CircuitJson.text(row.at()))
                .put("from", row.from())
                .put("to", row.to())
                .put("epoch", row.epoch())
                .put("cause", row.cause())
                .put("action", row.action())
                .put("repeated", row.repeated())
                .put("kind", row.kind())
                .put("cooldown_ms", row.cooldownMillis())
                .put("calls", row.calls())
                .put("failures", row.failures())
                .put("consecutive_failures", row.consecutiveFailures())
                .put("held", row.held())
                .put("hold_until", CircuitJson.text(row.holdUntil()))
                .put("actor", row.actor())
                .put("reason", row.reason())
                .put("skipped", row.skipped());
    }

    private static long number(@Nullable String text, long otherwise) {
        return text == null ? otherwise : Long.parseLong(text);
    }
}
