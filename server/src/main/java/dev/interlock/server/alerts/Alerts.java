package dev.interlock.server.alerts;

import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.WebhookEvents;
import dev.interlock.server.incidents.Stories;
import dev.interlock.server.outbound.OutboundClient;
import dev.interlock.server.outbound.OutboundHosts;
import dev.interlock.server.workers.Workers;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of one server: what sends them, and what lists and changes webhooks. Immutable.
 *
 * @param sender sends what is stored
 * @param database where webhooks and their messages lie
 * @param hosts where messages may go
 * @param clock the wall clock
 */
public record Alerts(AlertSender sender, Database database, OutboundHosts hosts, Clock clock) {
    /** How long an attempt may take. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * The alerts of a server.
     *
     * @param vertx whose workers wait for the database
     * @param database where webhooks and their messages lie
     * @param client sends
     * @param hosts where messages may go
     * @param stories what belongs to incidents
     * @param process the number of this process' life
     * @param publicUrl where people reach the dashboard; null if nobody said so
     * @param clock the wall clock
     * @return them; nothing is sent before {@link AlertSender#step}
     */
    public static Alerts of(
            Vertx vertx,
            Database database,
            OutboundClient client,
            OutboundHosts hosts,
            Stories stories,
            long process,
            @Nullable String publicUrl,
            Clock clock) {
        WebhookEvents events = database.webhookEvents();
        Notices notices = new Notices(
                database.incidents(),
                database.transitions(),
                database.webhookOutbox(),
                events,
                stories,
                new Links(publicUrl),
                clock);
        AlertSender sender = new AlertSender(
                database.webhookOutbox(),
                events,
                notices,
                new Courier(client, TIMEOUT),
                onWorkers(vertx),
                process,
                !database.isShared(),
                clock);
        return new Alerts(sender, database, hosts, clock);
    }

    /**
     * What lists and changes webhooks.
     *
     * @param workers wait for the database
     * @return endpoints for all organizations; each caller has its own organization's webhooks
     */
    public WebhookEndpoints endpoints(Workers workers) {
        return new WebhookEndpoints(
                workers, database.webhooks(), database.webhookOutbox(), new WebhookRequest(hosts), sender, clock);
    }

    private static Executor onWorkers(Vertx vertx) {
        return task -> {
            Callable<Boolean> work = () -> {
                task.run();
                return true;
            };
            try {
                vertx.executeBlocking(work, false);
            } catch (RejectedExecutionException closing) {
                // the server closes: what became of a message that was under way is found out at the next start
            }
        };
    }
}
