package dev.interlock.server.alerts;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.jdbc.Author;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.jdbc.IncidentWriter;
import dev.interlock.jdbc.SeriesHistory;
import dev.interlock.jdbc.Webhook;
import dev.interlock.jdbc.WebhookState;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentChange;
import dev.interlock.server.incidents.Stories;
import dev.interlock.server.outbound.OutboundClient;
import dev.interlock.server.outbound.OutboundHosts;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TransitionRecord;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What sends alerts, on a real database and by real connections, with a clock that a test moves. */
final class AlertRig implements AutoCloseable {
    static final Instant START = Instant.parse("2027-01-31T03:00:00Z");
    static final String SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr";
    private static final long KEEPER = 5;

    final Vertx vertx = Vertx.vertx();
    final Database database;
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
    private final HealthMonitor health = HealthMonitor.start(circuits, HealthSettings.defaults());
    private final SeriesHistory series;
    private final OutboundClient client =
            new OutboundClient(vertx, OutboundHosts.of(List.of("127.0.0.1", "nowhere.invalid")));
    private final IncidentWriter incidents;
    private final Notices notices;
    private volatile Instant now = START;
    private long epoch;

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    AlertRig(Path folder) {
        database = Database.open(DatabaseSettings.sqlite(folder.resolve("interlock.db")));
        series = database.openSeriesHistory(KEEPER);
        incidents = database.incidentWriter();
        incidents.hold(KEEPER, START, START.plus(Duration.ofDays(10)));
        Stories stories = new Stories(new AgentRegistry(), database.transitions(), health.series(), series, clock);
        notices = new Notices(
                database.incidents(),
                database.transitions(),
                database.webhookOutbox(),
                database.webhookEvents(),
                stories,
                new Links("https://interlock.example.com/base"),
                clock);
    }

    AlertSender sender(long process) {
        return sender(process, Duration.ofSeconds(30));
    }

    AlertSender sender(long process, Duration timeout) {
        return new AlertSender(
                database.webhookOutbox(),
                database.webhookEvents(),
                notices,
                new Courier(client, timeout),
                workers,
                process,
                false,
                clock);
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    Instant now() {
        return now;
    }

    Webhook add(String organization, String id, String url, String... on) {
        Webhook webhook = new Webhook(organization, id, "On call", url, SECRET, Set.of(on), "*", "json", true, START);
        database.webhooks().add(webhook, 100, new Author("ada", START), "{}");
        return webhook;
    }

    WebhookState state(Webhook webhook) {
        return database.webhooks()
                .find(webhook.organization(), webhook.id())
                .orElseThrow()
                .state();
    }

    /** What the keeper of incidents stores. */
    void incident(String organization, String id, @Nullable Instant ended) {
        Affected model = new Affected("model:<b>", 1, START, ended, 1, "OVERLOADED", "failure_streak");
        Affected agent = new Affected("planner", 1, START, ended, 1, null, "failure_rate");
        Incident incident =
                new Incident(id, "model:<b>", false, START, START, ended, ended, null, List.of(model, agent));
        incidents.write(
                KEEPER, Map.of(organization, List.of(new IncidentChange(incident, List.of(model, agent)))), 1, now);
    }

    /** What the writer of circuits stores. */
    void move(String organization, String name, String from, String to) {
        epoch++;
        CircuitRecord record = new CircuitRecord(
                organization,
                name,
                to,
                epoch,
                5,
                0,
                5,
                1,
                0,
                now,
                now,
                now,
                now,
                false,
                null,
                null,
                null,
                "default",
                1);
        TransitionRecord line = new TransitionRecord(
                organization,
                name,
                epoch,
                from,
                to,
                now,
                to.equals("open") ? "failure_streak" : "trials_succeeded",
                null,
                false,
                to.equals("open") ? "TIMEOUT" : null,
                60_000L,
                5,
                5,
                5,
                false,
                null,
                null,
                null,
                0);
        CircuitRecord before = database.circuits().find(organization, name);
        database.circuits()
                .write(List.of(new CircuitChange(
                        record, before == null ? CircuitChange.CLOSED_AND_CLEAN : before.epoch(), List.of(line))));
    }

    @Override
    public void close() throws Exception {
        client.close();
        workers.shutdown();
        workers.awaitTermination(30, TimeUnit.SECONDS);
        health.close();
        circuits.close();
        series.close();
        database.close();
        vertx.close().await(10, TimeUnit.SECONDS);
    }
}
