package dev.interlock.server.alerts;

import dev.interlock.jdbc.Webhook;
import dev.interlock.jdbc.WebhookOutbox.Dead;
import dev.interlock.jdbc.WebhookState;
import dev.interlock.jdbc.Webhooks.Listed;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.text.Texts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Webhooks as JSON: of the address only what is no secret, of the secret nothing. */
final class WebhookJson {
    private WebhookJson() {}

    /**
     * A webhook and how it does.
     *
     * @param problem why this server cannot send to it, or null
     */
    static JsonObject of(Listed listed, @Nullable String problem) {
        WebhookState state = listed.state();
        return settings(listed.webhook())
                .put("id", listed.webhook().id())
                .put("created_at", CircuitJson.text(listed.webhook().createdAt()))
                .put("state", state(listed))
                .put("problem", problem)
                .put("failing_since", CircuitJson.text(state.failingSince()))
                .put("next_attempt_at", state.dead() ? null : CircuitJson.text(state.resumeAt()))
                .put("last_delivered_at", CircuitJson.text(state.deliveredAt()))
                .put("last_error", state.lastError() == null ? null : Texts.sentence(state.lastError()))
                .put("waiting", state.waiting())
                .put("dead", state.deadMessages())
                .put("left_out", state.leftOut());
    }

    /** The same with its dead messages. */
    static JsonObject of(Listed listed, @Nullable String problem, List<Dead> dead) {
        JsonArray messages = new JsonArray();
        dead.forEach(each -> messages.add(new JsonObject()
                .put("id", each.id())
                .put("type", each.kind())
                .put("about", each.about())
                .put("at", CircuitJson.text(each.at()))
                .put("error", Texts.sentence(each.error()))));
        return of(listed, problem).put("dead_messages", messages);
    }

    /** What was set, without secrets: what the trail of changes keeps, too. */
    static JsonObject settings(Webhook webhook) {
        return new JsonObject()
                .put("name", webhook.name())
                .put("url", shown(webhook.url()))
                .put("on", new JsonArray(List.copyOf(new TreeSet<>(webhook.on()))))
                .put("pattern", webhook.pattern())
                .put("format", webhook.format())
                .put("enabled", webhook.enabled());
    }

    /** Scheme, host and port: with some services the path is a secret. */
    static String shown(String url) {
        int host = url.indexOf("://") + 3;
        int path = host;
        while (path < url.length() && "/?".indexOf(url.charAt(path)) < 0) {
            path++;
        }
        return path + 1 >= url.length() ? url : url.substring(0, path) + "/…";
    }

    private static String state(Listed listed) {
        if (!listed.webhook().enabled()) {
            return "disabled";
        }
        WebhookState state = listed.state();
        return state.dead() ? "dead" : state.failingSince() != null ? "failing" : "ok";
    }
}
