package dev.interlock.server.alerts;

import dev.interlock.jdbc.Author;
import dev.interlock.jdbc.Webhook;
import dev.interlock.jdbc.WebhookOutbox;
import dev.interlock.jdbc.Webhooks;
import dev.interlock.jdbc.Webhooks.Listed;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.http.Problem;
import dev.interlock.server.workers.Workers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lists, adds, changes, removes and tests webhooks. A secret is in the answer that adds its webhook, and in no other. */
public final class WebhookEndpoints implements Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookEndpoints.class);

    /** How many webhooks an organization may have. */
    static final int MOST = 20;

    private static final int DEAD_SHOWN = 20;

    private final Workers workers;
    private final Webhooks webhooks;
    private final WebhookOutbox outbox;
    private final WebhookRequest requests;
    private final AlertSender sender;
    private final Clock clock;

    WebhookEndpoints(
            Workers workers,
            Webhooks webhooks,
            WebhookOutbox outbox,
            WebhookRequest requests,
            AlertSender sender,
            Clock clock) {
        this.workers = workers;
        this.webhooks = webhooks;
        this.outbox = outbox;
        this.requests = requests;
        this.sender = sender;
        this.clock = clock;
    }

    @Override
    public void mount(Operations operations) {
        operations
                .on("listWebhooks", this::list)
                .on("createWebhook", this::create)
                .on("getWebhook", this::one)
                .on("putWebhook", this::put)
                .on("deleteWebhook", this::delete)
                .on("testWebhook", this::test);
    }

    private void list(Exchange exchange) {
        String organization = exchange.caller().organization();
        workers.run(organization, () -> page(organization))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    private Page page(String organization) {
        JsonArray all = new JsonArray();
        webhooks.of(organization).forEach(each -> all.add(WebhookJson.of(each, requests.problem(each.webhook()))));
        return new Page(new JsonObject().put("webhooks", all).toBuffer(), null);
    }

    private void one(Exchange exchange) {
        String organization = exchange.caller().organization();
        String id = exchange.path("webhook_id");
        workers.run(organization, () -> json(found(organization, id)))
                .onSuccess(exchange::answer)
                .onFailure(exchange::fail);
    }

    private void create(Exchange exchange) {
        Instant now = now();
        String organization = exchange.caller().organization();
        String id = "wh_" + UUID.randomUUID().toString().replace("-", "").substring(0, 20);
        Webhook webhook = requests.read(organization, id, exchange.body(), null, now);
        workers.change(organization, () -> {
                    String shown = WebhookJson.settings(webhook).encode();
                    if (!webhooks.add(webhook, MOST, by(exchange, now), shown)) {
                        throw Problem.conflict("An organization may have " + MOST
                                + " webhooks, and this one has; delete one that is not needed");
                    }
                    return json(found(organization, id));
                })
                .onSuccess(json -> {
                    log(exchange, "A webhook was added", id);
                    boolean signs = MessageFormat.of(webhook.format()) == MessageFormat.JSON;
                    exchange.answer(201, json.put("secret", signs ? webhook.secret() : null));
                })
                .onFailure(exchange::fail);
    }

    private void put(Exchange exchange) {
        Instant now = now();
        String organization = exchange.caller().organization();
        String id = exchange.path("webhook_id");
        JsonObject body = exchange.body();
        workers.change(organization, () -> {
                    Webhook before = found(organization, id).webhook();
                    Webhook after = requests.read(organization, id, body, before, now);
                    String was = WebhookJson.settings(before).encode();
                    if (!webhooks.put(
                            after,
                            by(exchange, now),
                            was,
                            WebhookJson.settings(after).encode())) {
                        throw unknown(id);
                    }
                    return json(found(organization, id));
                })
                .onSuccess(json -> {
                    log(exchange, "A webhook was changed", id);
                    exchange.answer(json);
                })
                .onFailure(exchange::fail);
    }

    private void delete(Exchange exchange) {
        Instant now = now();
        String organization = exchange.caller().organization();
        String id = exchange.path("webhook_id");
        workers.change(organization, () -> {
                    Webhook webhook = found(organization, id).webhook();
                    return webhooks.remove(
                            webhook,
                            by(exchange, now),
                            WebhookJson.settings(webhook).encode());
                })
                .onSuccess(removed -> {
                    if (Boolean.TRUE.equals(removed)) {
                        log(exchange, "A webhook was removed", id);
                        exchange.answerNothing();
                    } else {
                        exchange.fail(unknown(id));
                    }
                })
                .onFailure(exchange::fail);
    }

    private void test(Exchange exchange) {
        String organization = exchange.caller().organization();
        String id = exchange.path("webhook_id");
        workers.run(organization, () -> found(organization, id).webhook())
                .compose(sender::test)
                .onSuccess(tested -> exchange.answer(new JsonObject()
                        .put("delivered", tested.arrived())
                        .put("detail", tested.detail())
                        .put("took_ms", tested.took().toMillis())))
                .onFailure(why -> exchange.fail(
                        why instanceof TooManyMessagesException many
                                ? Problem.tooMany(many.getMessage() + "; try again in a moment", 1)
                                : why));
    }

    private Listed found(String organization, String id) {
        Optional<Listed> found = webhooks.find(organization, id);
        return found.orElseThrow(() -> unknown(id));
    }

    private JsonObject json(Listed listed) {
        return WebhookJson.of(listed, requests.problem(listed.webhook()), outbox.dead(listed.webhook(), DEAD_SHOWN));
    }

    private static Problem unknown(String id) {
        return Problem.notFound(
                "The organization has no webhook '" + id + "'; GET /api/v1/webhooks lists those that it has");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static Author by(Exchange exchange, Instant now) {
        return new Author(exchange.caller().actor(), now);
    }

    private static void log(Exchange exchange, String what, String id) {
        LOG.atInfo()
                .addKeyValue("organization", exchange.caller().organization())
                .addKeyValue("webhook", id)
                .addKeyValue("actor", exchange.caller().actor())
                .log(what);
    }
}
