package dev.interlock.server.health;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.SeriesHistory;
import dev.interlock.monitor.CallFigures;
import dev.interlock.monitor.CallSeries;
import dev.interlock.monitor.SeriesRow;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.Times;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.workers.Workers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;

/** Shows what agents' calls came to, a minute or an hour. */
public final class SeriesEndpoints implements Endpoints {
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration MONTH = Duration.ofDays(30);

    private final Workers workers;
    private final CallSeries series;
    private final SeriesHistory history;
    private final Clock clock;

    /**
     * Endpoints for all organizations; each caller sees its own agents.
     *
     * @param workers wait for the database
     * @param series what this server counted lately
     * @param history what all servers stored
     * @param clock the wall clock
     */
    public SeriesEndpoints(Workers workers, CallSeries series, SeriesHistory history, Clock clock) {
        this.workers = workers;
        this.series = series;
        this.history = history;
        this.clock = clock;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("getAgentSeries", this::answer);
    }

    private void answer(Exchange exchange) {
        CircuitId agent = CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id"));
        boolean hours = "hour".equals(exchange.query("step"));
        Instant now = clock.instant();
        Instant longest = now.minus(hours ? MONTH : DAY);
        Instant asked = Times.optional("since", exchange.query("since"));
        Instant since = asked == null || asked.isBefore(longest) ? longest : asked;
        workers.run(agent.organization(), () -> page(agent, hours, since, now))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    private Page page(CircuitId agent, boolean hours, Instant since, Instant now) {
        int length = hours ? SeriesRow.HOUR : SeriesRow.MINUTES;
        SortedMap<Long, CallFigures> figures = history.of(agent, length, since, series.of(agent));
        JsonArray points = new JsonArray();
        long first = since.getEpochSecond() / TimeUnit.MINUTES.toSeconds(1);
        figures.tailMap(hours ? first - first % SeriesRow.HOUR : first)
                .forEach((minute, each) -> points.add(point(minute, each)));
        return new Page(
                new JsonObject()
                        .put("agent_id", agent.name())
                        .put("step", hours ? "hour" : "minute")
                        .put("since", CircuitJson.text(since))
                        .put("until", CircuitJson.text(now))
                        .put("points", points)
                        .toBuffer(),
                null);
    }

    private static JsonObject point(long minute, CallFigures figures) {
        Duration p95 = figures.p95();
        return new JsonObject()
                .put("at", CircuitJson.text(Instant.ofEpochSecond(TimeUnit.MINUTES.toSeconds(minute))))
                .put("calls", figures.calls())
                .put("failures", figures.failures())
                .put("refusals", figures.refusals())
                .put("p95_ms", p95 == null ? null : (Long) p95.toMillis());
    }
}
