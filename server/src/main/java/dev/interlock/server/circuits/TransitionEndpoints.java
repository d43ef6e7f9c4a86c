package dev.interlock.server.circuits;

import dev.interlock.jdbc.Transitions;
import dev.interlock.jdbc.Transitions.Filter;
import dev.interlock.jdbc.Transitions.Line;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.NextLink;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.workers.Workers;
import dev.interlock.store.TransitionRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows the audit trail. */
public final class TransitionEndpoints implements Endpoints {
    private static final int LIMIT = 100;
    private static final List<String> FILTERS = List.of("since", "until", "agent", "kind", "cause", "actor");

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
        operations.on("listTransitions", this::ofAgent).on("listEvents", this::ofOrganization);
    }

    private void ofAgent(Exchange exchange) {
        String agent = CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id"))
                .name();
        String segment = NextLink.encoded(agent);
        list(
                exchange,
                Filter.of(agent),
                "/api/v1/circuits/" + segment + "/transitions",
                new JsonObject().put("agent_id", agent));
    }

    private void ofOrganization(Exchange exchange) {
        Filter filter = new Filter(
                Times.optional("since", exchange.query("since")),
                Times.optional("until", exchange.query("until")),
                exchange.query("agent"),
                exchange.query("kind"),
                exchange.query("cause"),
                exchange.query("actor"));
        list(exchange, filter, "/api/v1/transitions", new JsonObject());
    }

    private void list(Exchange exchange, Filter filter, String path, JsonObject answer) {
        String organization = exchange.caller().organization();
        int limit = Math.toIntExact(number(exchange.query("limit"), LIMIT));
        long before = number(exchange.query("before"), Transitions.NEWEST);
        workers.run(organization, () -> {
                    List<Line> lines = transitions.of(organization, filter, before, limit + 1);
                    return page(exchange, path, answer, lines, limit);
                })
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    /** Written on a worker: a thousand rows take an event loop too long. */
    private static Page page(Exchange exchange, String path, JsonObject answer, List<Line> lines, int limit) {
        List<Line> page = lines.subList(0, Math.min(lines.size(), limit));
        String link = lines.size() > limit
                ? new NextLink(path, limit)
                        .with("before", String.valueOf(page.get(limit - 1).id()))
                        .with(exchange, FILTERS)
                        .header()
                : null;
        JsonArray rows = new JsonArray();
        page.forEach(line -> rows.add(json(line)));
        return new Page(answer.put("transitions", rows).toBuffer(), link);
    }

    private static JsonObject json(Line line) {
        TransitionRecord row = line.transition();
        return new JsonObject()
                .put("id", line.id())
                .put("agent_id", row.name())
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
