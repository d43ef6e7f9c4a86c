package dev.interlock.server.alerts;

import dev.interlock.jdbc.WebhookOutbox.Totals;
import dev.interlock.server.status.Metrics;
import dev.interlock.server.status.OwnFigure;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** How sending went, by organization, on this server; of those that do not send, nothing. Safe for use by any thread. */
final class AlertFigures {
    private final Map<String, LongAdder> arrived = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> failed = new ConcurrentHashMap<>();
    private volatile Map<String, Totals> totals = Map.of();

    void arrived(String organization) {
        arrived.computeIfAbsent(organization, fresh -> new LongAdder()).increment();
    }

    void failed(String organization) {
        failed.computeIfAbsent(organization, fresh -> new LongAdder()).increment();
    }

    /** What lies in the database; nothing if another server sends. */
    void totals(List<Totals> all) {
        totals = all.stream().collect(Collectors.toMap(Totals::organization, Function.identity()));
    }

    void addTo(Metrics metrics) {
        metrics.addOwn(new OwnFigure(
                "interlock_webhook_messages_delivered_total",
                "counter",
                "Messages to webhooks of the organization that arrived, sent by this server",
                organization -> sum(arrived, organization)));
        metrics.addOwn(new OwnFigure(
                "interlock_webhook_attempts_failed_total",
                "counter",
                "Attempts of this server to send a message to a webhook of the organization that failed",
                organization -> sum(failed, organization)));
        metrics.addOwn(gauge(
                "interlock_webhook_messages_waiting",
                "Messages that wait for webhooks of the organization; on the server that sends, else 0",
                Totals::waiting));
        metrics.addOwn(gauge(
                "interlock_webhook_messages_dead",
                "Messages to webhooks of the organization that are not sent any more; on the server that sends, else 0",
                Totals::dead));
        metrics.addOwn(gauge(
                "interlock_webhooks_dead",
                "Webhooks of the organization that are sent nothing any more; on the server that sends, else 0",
                Totals::deadWebhooks));
    }

    private OwnFigure gauge(String name, String help, ToLongFunction<Totals> value) {
        return new OwnFigure(name, "gauge", help, organization -> {
            Totals own = totals.get(organization);
            return own == null ? 0 : value.applyAsLong(own);
        });
    }

    private static long sum(Map<String, LongAdder> counts, String organization) {
        LongAdder own = counts.get(organization);
        return own == null ? 0 : own.sum();
    }
}
