package dev.interlock.server.agentlog;

import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.EntryStatus;
import dev.interlock.monitor.LogPage;
import dev.interlock.monitor.LogQuery;
import dev.interlock.monitor.Receipt;
import dev.interlock.monitor.Shares;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.NextLink;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Pools;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;

/** Takes batches of the agent log in, on workers, and shows what is stored. */
public final class LogEndpoints implements Endpoints {
    private static final int LONGEST_BODY = 8_388_608;
    private static final long MOST_UNDER_WAY = 8L * LONGEST_BODY;
    private static final int PERCENT = 25;
    private static final int LIMIT = 100;

    private final Pools pools;
    private final LogIntake intake;
    private final JdbcLogStore store;
    private final Shares underWay = new Shares(MOST_UNDER_WAY, PERCENT);

    /**
     * Endpoints for all organizations; each caller logs and sees its own agents.
     *
     * @param pools read batches and wait for the database
     * @param intake takes entries in
     * @param store where they lie
     * @param meters where figures are kept
     */
    public LogEndpoints(Pools pools, LogIntake intake, JdbcLogStore store, MeterRegistry meters) {
        this.pools = pools;
        this.intake = intake;
        this.store = store;
        FunctionCounter.builder("interlock.log.rows.beyond.quota", store, JdbcLogStore::rowsBeyondQuota)
                .description("Entries of the agent log that counted and were not stored, beyond a quota of the day")
                .register(meters);
        FunctionCounter.builder("interlock.log.rows.lost", store, JdbcLogStore::lostRows)
                .description("Entries of the agent log that counted and never reached the database")
                .register(meters);
        Gauge.builder("interlock.log.backlog", store, JdbcLogStore::backlog)
                .description("Entries of the agent log that wait for the database")
                .register(meters);
    }

    @Override
    public void mount(Operations operations) {
        operations.onRaw("takeLogs", this::gather).on("listLogs", this::list);
    }

    private void gather(Exchange exchange) {
        String organization = exchange.caller().organization();
        JdbcLogStore.Room room = store.reserve(organization, exchange.declaredLength());
        if (room == null) {
            throw LogIntake.behind();
        }
        exchange.receive(new Gathering(underWay, organization, room) {
            @Override
            protected void whole(InputStream body) {
                pools.intake()
                        .run(organization, () -> intake.take(exchange.caller(), body, this::giveRoom))
                        .onComplete(done -> release())
                        .onSuccess(receipt -> answer(exchange, receipt))
                        .onFailure(exchange::fail);
            }
        });
    }

    private void answer(Exchange exchange, Receipt receipt) {
        JsonArray errors = new JsonArray();
        for (Receipt.Refusal each : receipt.refused()) {
            errors.add(new JsonObject().put("index", each.index()).put("detail", Texts.sentence(each.problem())));
        }
        JsonObject answer = new JsonObject().put("accepted", receipt.accepted()).put("errors", errors);
        if (receipt.notStored() > 0) {
            answer.put("not_stored", receipt.notStored())
                    .put(
                            "detail",
                            "Entries that were accepted count, but are not stored: the organization's quota of the agent"
                                    + " log is used up until midnight UTC");
        }
        exchange.answer(answer);
    }

    private void list(Exchange exchange) {
        String organization = exchange.caller().organization();
        String agent = CircuitJson.id(organization, exchange.path("agent_id")).name();
        String type = exchange.query("action_type");
        String status = exchange.query("status");
        String limit = exchange.query("limit");
        LogQuery query = new LogQuery(
                organization,
                agent,
                exchange.query("execution_id"),
                type == null ? null : ActionType.ofWireName(type),
                status == null ? null : EntryStatus.ofWireName(status),
                exchange.query("after"),
                limit == null ? LIMIT : Integer.parseInt(limit));
        pools.database()
                .run(organization, () -> page(exchange, query, store.find(query)))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    /** Written on a worker: a thousand rows take an event loop too long. */
    private static Page page(Exchange exchange, LogQuery query, LogPage page) {
        String next = null;
        if (page.next() != null) {
            next = new NextLink(
                            "/api/v1/agents/" + NextLink.encoded(String.valueOf(query.agentId())) + "/logs",
                            query.limit())
                    .with("execution_id", query.executionId())
                    .with("action_type", exchange.query("action_type"))
                    .with("status", exchange.query("status"))
                    .with("after", page.next())
                    .header();
        }
        JsonArray rows = new JsonArray();
        page.rows().forEach(row -> rows.add(Entries.json(row)));
        return new Page(new JsonObject().put("logs", rows).toBuffer(), next);
    }
}
