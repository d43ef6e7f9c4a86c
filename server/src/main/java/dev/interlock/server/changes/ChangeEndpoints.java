package dev.interlock.server.changes;

import dev.interlock.jdbc.AdministrationChanges;
import dev.interlock.jdbc.AdministrationChanges.Filter;
import dev.interlock.jdbc.AdministrationChanges.Line;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.Times;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.NextLink;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.workers.Workers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Shows who created, changed and removed keys and policies. */
public final class ChangeEndpoints implements Endpoints {
    private static final int LIMIT = 100;
    private static final List<String> FILTERS = List.of("since", "until", "subject", "name", "actor");

    private final Workers workers;
    private final AdministrationChanges changes;

    /**
     * Endpoints for all organizations; each caller sees what became of its own organization's keys and policies.
     *
     * @param workers wait for the database
     * @param changes what happened
     */
    public ChangeEndpoints(Workers workers, AdministrationChanges changes) {
        this.workers = workers;
        this.changes = changes;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("listChanges", this::list);
    }

    private void list(Exchange exchange) {
        String organization = exchange.caller().organization();
        Filter filter = new Filter(
                Times.optional("since", exchange.query("since")),
                Times.optional("until", exchange.query("until")),
                exchange.query("subject"),
                exchange.query("name"),
                exchange.query("actor"));
        int limit = Math.toIntExact(number(exchange.query("limit"), LIMIT));
        long before = number(exchange.query("before"), AdministrationChanges.NEWEST);
        workers.run(organization, () -> page(exchange, changes.of(organization, filter, before, limit + 1), limit))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    /** Written on a worker: a thousand lines take an event loop too long. */
    private static Page page(Exchange exchange, List<Line> lines, int limit) {
        List<Line> page = lines.subList(0, Math.min(lines.size(), limit));
        String link = lines.size() > limit
                ? new NextLink("/api/v1/changes", limit)
                        .with("before", String.valueOf(page.get(limit - 1).id()))
                        .with(exchange, FILTERS)
                        .header()
                : null;
        JsonArray rows = new JsonArray();
        page.forEach(line -> rows.add(json(line)));
        return new Page(new JsonObject().put("changes", rows).toBuffer(), link);
    }

    private static JsonObject json(Line line) {
        JsonObject before = object(line.before());
        JsonObject after = object(line.after());
        return new JsonObject()
                .put("id", line.id())
                .put("at", CircuitJson.text(line.at()))
                .put("actor", line.actor())
                .put("action", line.action())
                .put("subject", line.subject())
                .put("name", line.name())
                .put("before", differing(before, after))
                .put("after", differing(after, before));
    }

    /** What of one is not the same in the other; all of it if there is no other. */
    private static @Nullable JsonObject differing(@Nullable JsonObject one, @Nullable JsonObject other) {
        if (one == null || other == null) {
            return one;
        }
        JsonObject different = new JsonObject();
        one.forEach(each -> {
            if (!Objects.equals(each.getValue(), other.getValue(each.getKey()))) {
                different.put(each.getKey(), each.getValue());
            }
        });
        return different;
    }

    private static @Nullable JsonObject object(@Nullable String json) {
        return json == null ? null : new JsonObject(json);
    }

    private static long number(@Nullable String text, long otherwise) {
        return text == null ? otherwise : Long.parseLong(text);
    }
}
