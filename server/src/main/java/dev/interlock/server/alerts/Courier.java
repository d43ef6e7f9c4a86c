package dev.interlock.server.alerts;

import dev.interlock.jdbc.Webhook;
import dev.interlock.server.outbound.OutboundAnswer;
import dev.interlock.server.outbound.OutboundClient;
import dev.interlock.server.outbound.OutboundRequest;
import dev.interlock.server.outbound.Target;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Brings a message to its receiver, once. Safe for use by any thread; blocks none. */
final class Courier {
    private final OutboundClient client;
    private final Duration timeout;

    /** @param timeout how long an attempt may take */
    Courier(OutboundClient client, Duration timeout) {
        this.client = client;
        this.timeout = timeout;
    }

    /**
     * Sends a message.
     *
     * @param webhook where to
     * @param id of the message
     * @param body as its format writes it
     * @param now the wall clock's time
     */
    Future<OutboundAnswer> send(Webhook webhook, String id, String body, Instant now) {
        try {
            return client.ask(new OutboundRequest(
                    Target.of(webhook.url()), "POST", headers(webhook, id, body, now), body(webhook, body), timeout));
        } catch (IllegalArgumentException unusable) {
            return Future.failedFuture("its address or its secret cannot be used by this version");
        }
    }

    private static Map<String, String> headers(Webhook webhook, String id, String body, Instant now) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("User-Agent", "Interlock");
        headers.put("webhook-id", id);
        headers.put("webhook-timestamp", String.valueOf(now.getEpochSecond()));
        if (webhook.secret() != null && !isKey(webhook)) {
            headers.put("webhook-signature", Signature.of(webhook.secret(), id, now.getEpochSecond(), body));
        }
        return headers;
    }

    /** A key of the service goes into the body as late as here, so that no stored message holds it. */
    private static String body(Webhook webhook, String body) {
        return isKey(webhook)
                ? new JsonObject(body).put("routing_key", webhook.secret()).encode()
                : body;
    }

    private static boolean isKey(Webhook webhook) {
        return MessageFormat.of(webhook.format()) == MessageFormat.PAGERDUTY;
    }
}
