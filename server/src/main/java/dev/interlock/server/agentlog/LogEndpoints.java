package dev.interlock.server.agentlog;

import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.EntryStatus;
import dev.interlock.monitor.LogBatch;
import dev.interlock.monitor.LogBatchReader;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogPage;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.LogQuery;
import dev.interlock.monitor.Receipt;
import dev.interlock.monitor.Redactor;
import dev.interlock.monitor.Shares;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.NextLink;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.http.Problem;
import dev.interlock.server.security.Caller;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Pools;
import io.micrometer.core.instrument.Counter;
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
    private final LogProcessor log;
    private final JdbcLogStore store;
    private final Counter taken;
    private final Counter refused;
    private final Shares underWay = new Shares(MOST_UNDER_WAY, PERCENT);

    /**
     * Endpoints for all organizations; each caller logs and sees its own agents.
     *
     * @param pools read batches and wait for the database
     * @param log takes entries in
     * @param store where they lie
     * @param meters where figures are kept
     */
    public LogEndpoints(Pools pools, LogProcessor log, JdbcLogStore store, MeterRegistry meters) {
        this.pools = pools;
        this.log = log;
        this.store = store;
        this.taken = counter(meters, "taken");
        this.refused = counter(meters, "refused");
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
            throw behind();
        }
        exchange.receive(new Gathering(underWay, organization, room) {
            @Override
            void whole(InputStream body) {
                pools.intake()
                        .run(organization, () -> take(exchange.caller(), body, this::giveRoom))
                        .onComplete(done -> release())
                        .onSuccess(receipt -> answer(exchange, receipt))
                        .onFailure(exchange::fail);
            }
        });
    }

    private Receipt take(Caller caller, InputStream body, Runnable giveRoom) {
        try {
            LogBatchReader.Read read = LogBatchReader.read(body, entry -> checked(caller, entry));
            String organization = read.batch().organization();
            if (organization != null && !organization.equals(caller.organization())) {
                throw Problem.forbidden("organization_id must be the caller's own, or absent");
            }
            giveRoom.run();
            return read.receipt(take(new LogBatch(
                    caller.organization(), read.batch().sentAt(), read.batch().entries(), caller.source())));
        } catch (IllegalArgumentException noBatch) {
            throw Problem.invalid(Texts.sentence(String.valueOf(noBatch.getMessage())));
        }
    }

    /** Room is kept first: what counts is stored, too, and a batch that has to be sent again has not counted. */
    private Receipt take(LogBatch batch) {
        if (batch.entries().isEmpty()) {
            return Receipt.ofAll(0);
        }
        try (JdbcLogStore.Room room = store.reserve(String.valueOf(batch.organization()), batch.entries())) {
            if (room == null) {
                throw behind();
            }
            return log.take(batch);
        }
    }

    private static Problem behind() {
        return Problem.tooMany(
                "More entries of this organization come in than the database takes; send this batch again later", 1);
    }

    private static LogEntry checked(Caller caller, LogEntry entry) {
        if (!caller.mayTouch(entry.agentId())) {
            throw new IllegalArgumentException("This key may not log for the agent '" + Texts.shown(entry.agentId())
                    + "'; it is limited to '" + caller.agents() + "'");
        }
        for (String name : entry.dependsOn()) {
            if (!caller.mayDependOn(name) && !entry.guarded()) {
                throw new IllegalArgumentException("depends_on: this key may not report calls that depend on '"
                        + Texts.shown(name) + "'; it is limited to '" + caller.agents() + "'");
            }
        }
        String problem = caller.problemOfSpeakingFor(entry.caller());
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        LogEntry clean = entry(caller, Entries.clean(entry, Redactor.standard()));
        boolean isAgents = entry.caller() == null && caller.maySpeakFor(entry.agentId());
        return isAgents ? clean.toBuilder().caller(entry.agentId()).build() : clean;
    }

    /** A guard says what it depends on without being asked: what its key may not feed is left out, and the entry kept. */
    private static LogEntry entry(Caller caller, LogEntry clean) {
        return clean.dependsOn().stream().allMatch(caller::mayDependOn)
                ? clean
                : clean.toBuilder()
                        .dependsOn(clean.dependsOn().stream()
                                .filter(caller::mayDependOn)
                                .toList())
                        .build();
    }

    private void answer(Exchange exchange, Receipt receipt) {
        taken.increment(receipt.accepted());
        refused.increment(receipt.refused().size());
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

    private static Counter counter(MeterRegistry meters, String result) {
        return Counter.builder("interlock.log.entries")
                .description("Entries of the agent log that were sent, by whether they were taken in")
                .tag("result", result)
                .register(meters);
    }
}
