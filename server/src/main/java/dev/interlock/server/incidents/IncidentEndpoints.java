package dev.interlock.server.incidents;

import dev.interlock.jdbc.Incidents;
import dev.interlock.jdbc.Incidents.Filter;
import dev.interlock.jdbc.Incidents.Listed;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.server.circuits.Times;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.NextLink;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.http.Problem;
import dev.interlock.server.workers.Workers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows incidents: what is wrong now and what was, one with its whole story, and that as a post-mortem. */
public final class IncidentEndpoints implements Endpoints {
    private static final int LIMIT = 50;
    private static final List<String> FILTERS = List.of("state", "since", "until");

    private final Workers workers;
    private final Incidents incidents;
    private final Stories stories;

    /**
     * Endpoints for all organizations; each caller sees its own organization's incidents.
     *
     * @param workers wait for the database
     * @param incidents where they lie
     * @param stories what belongs to them
     */
    public IncidentEndpoints(Workers workers, Incidents incidents, Stories stories) {
        this.workers = workers;
        this.incidents = incidents;
        this.stories = stories;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("listIncidents", this::list);
        operations.on("getIncident", this::one);
    }

    private void list(Exchange exchange) {
        String organization = exchange.caller().organization();
        String state = exchange.query("state");
        Filter filter = new Filter(
                state == null ? null : (Boolean) state.equals("live"),
                Times.optional("since", exchange.query("since")),
                Times.optional("until", exchange.query("until")));
        String limit = exchange.query("limit");
        int most = limit == null ? LIMIT : Integer.parseInt(limit);
        workers.run(organization, () -> page(exchange, organization, filter, most))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    private Page page(Exchange exchange, String organization, Filter filter, int limit) {
        List<Listed> found = incidents.of(organization, filter, exchange.query("before"), limit + 1);
        List<Listed> page = found.subList(0, Math.min(found.size(), limit));
        String link = found.size() > limit
                ? new NextLink("/api/v1/incidents", limit)
                        .with("before", page.get(limit - 1).incident().id())
                        .with(exchange, FILTERS)
                        .header()
                : null;
        JsonArray rows = new JsonArray();
        page.forEach(each -> rows.add(IncidentJson.listed(each, stories.hit(organization, each.incident()))
                .put("refused", stories.refused(organization, each.incident()))));
        return new Page(new JsonObject().put("incidents", rows).toBuffer(), link);
    }

    private void one(Exchange exchange) {
        String organization = exchange.caller().organization();
        String id = exchange.path("incident_id");
        boolean markdown = "markdown".equals(exchange.query("format"));
        workers.run(organization, () -> {
                    Incident incident = incidents
                            .find(organization, id)
                            .orElseThrow(() -> Problem.notFound("There is no incident '" + id
                                    + "', or it was so long ago that it is forgotten; see GET /api/v1/incidents"));
                    Story story = stories.of(organization, incident);
                    return markdown ? story.markdown() : story.json().toBuffer();
                })
                .onSuccess(body -> answer(exchange, markdown, body))
                .onFailure(exchange::fail);
    }

    private static void answer(Exchange exchange, boolean markdown, @Nullable Buffer body) {
        exchange.answer(
                200,
                markdown ? "text/markdown; charset=utf-8" : "application/json",
                body == null ? Buffer.buffer() : body);
    }
}
