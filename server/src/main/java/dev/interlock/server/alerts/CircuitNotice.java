package dev.interlock.server.alerts;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.WebhookMessage;
import dev.interlock.server.alerts.Notice.Fact;
import dev.interlock.server.alerts.Notice.Tone;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.store.TransitionRecord;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is said of one circuit. */
final class CircuitNotice {
    private CircuitNotice() {}

    /** Says how many calls were refused. */
    interface Refusals {
        long of(CircuitId circuit, Instant from, Instant until);
    }

    /**
     * The notice of a line.
     *
     * @param opened when the circuit opened that has closed now; null if nobody knows, or if it has not
     */
    static Notice of(
            WebhookMessage message,
            TransitionRecord line,
            @Nullable Instant opened,
            @Nullable String link,
            Refusals refusals) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact(line.action() == null ? "Why" : "Action", why(line)));
        if (line.actor() != null) {
            facts.add(new Fact("By", Words.shown(line.actor())));
        }
        if (line.reason() != null) {
            facts.add(new Fact("Reason", Words.shown(line.reason())));
        }
        if (line.holdUntil() != null) {
            facts.add(new Fact("Until", String.valueOf(CircuitJson.text(line.holdUntil()))));
        }
        JsonObject circuit = circuit(line);
        Duration length = opened == null ? null : Duration.between(opened, line.at());
        if (opened != null && length != null) {
            long refused = refusals.of(new CircuitId(line.organization(), line.name()), opened, line.at());
            facts.add(new Fact("Open for", Words.span(length)));
            facts.add(new Fact("Refused", Words.plural(refused, "call")));
            circuit.put("opened_at", CircuitJson.text(opened))
                    .put("open_ms", length.toMillis())
                    .put("refused", refused);
        }
        boolean flaps = message.kind().equals(WebhookMessage.CIRCUIT_FLAPPED);
        if (flaps) {
            circuit.put("changes", message.changes()).put("since", CircuitJson.text(message.createdAt()));
        }
        return new Notice(
                message.kind(),
                line.at(),
                tone(message.kind(), line),
                "interlock/" + line.organization() + "/circuit/" + line.name(),
                Words.shown(line.name()),
                title(message, line),
                facts,
                link,
                new JsonObject().put("organization_id", line.organization()).put("circuit", circuit));
    }

    private static String title(WebhookMessage message, TransitionRecord line) {
        String name = Words.shown(line.name());
        return switch (message.kind()) {
            case WebhookMessage.CIRCUIT_OPENED -> name + " opened";
            case WebhookMessage.CIRCUIT_CLOSED -> name + " closed";
            case WebhookMessage.CIRCUIT_HELD -> name + " is held " + line.to();
            case WebhookMessage.CIRCUIT_RELEASED -> name + " is no longer held";
            default ->
                name + " flaps: it opened and closed " + Words.number(message.changes()) + " times more, and is "
                        + line.to() + " now";
        };
    }

    private static Tone tone(String kind, TransitionRecord line) {
        return switch (kind) {
            case WebhookMessage.CIRCUIT_CLOSED, WebhookMessage.CIRCUIT_RELEASED -> Tone.GOOD;
            case WebhookMessage.CIRCUIT_HELD -> Tone.NOTE;
            default -> line.to().equals("closed") ? Tone.GOOD : Tone.BAD;
        };
    }

    private static String why(TransitionRecord line) {
        String cause = line.action() == null ? line.cause() : line.action();
        String kind = line.kind();
        return cause.replace('_', ' ') + (kind == null ? "" : " (" + Words.shown(kind) + ")");
    }

    private static JsonObject circuit(TransitionRecord line) {
        return new JsonObject()
                .put("agent_id", line.name())
                .put("epoch", line.epoch())
                .put("from", line.from())
                .put("to", line.to())
                .put("at", CircuitJson.text(line.at()))
                .put("cause", line.cause())
                .put("kind", line.kind())
                .put("action", line.action())
                .put("actor", line.actor())
                .put("reason", line.reason())
                .put("held", line.held())
                .put("hold_until", CircuitJson.text(line.holdUntil()))
                .put("cooldown_ms", line.cooldownMillis())
                .put("calls", line.calls())
                .put("failures", line.failures())
                .put("consecutive_failures", line.consecutiveFailures());
    }
}
