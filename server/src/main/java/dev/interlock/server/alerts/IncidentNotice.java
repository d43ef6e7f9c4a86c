package dev.interlock.server.alerts;

import dev.interlock.jdbc.WebhookMessage;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.server.alerts.Notice.Fact;
import dev.interlock.server.alerts.Notice.Tone;
import dev.interlock.server.circuits.CircuitJson;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is said of an incident. */
final class IncidentNotice {
    private IncidentNotice() {}

    static Notice of(
            WebhookMessage message,
            Incident incident,
            int depending,
            long refused,
            @Nullable String link,
            Instant now) {
        String organization = message.webhook().organization();
        Duration length = Duration.between(incident.began(), incident.lastedUntil(now));
        long open = incident.affected().stream()
                .filter(each -> each.closedAt() == null)
                .count();
        Affected first = cause(incident);
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("Began", String.valueOf(CircuitJson.text(incident.began()))));
        if (first != null) {
            facts.add(new Fact("Why", why(first)));
        }
        facts.add(new Fact(
                "Circuits", Words.plural(incident.affected().size(), "circuit") + " opened, " + open + " open now"));
        facts.add(new Fact("Depend on it", Words.plural(depending, "agent")));
        facts.add(new Fact("Refused", Words.plural(refused, "call")));
        JsonObject data = new JsonObject()
                .put("organization_id", organization)
                .put(
                        "incident",
                        new JsonObject()
                                .put("id", incident.id())
                                .put("root", incident.root())
                                .put("suspected", incident.suspected())
                                .put("began", CircuitJson.text(incident.began()))
                                .put("ended", CircuitJson.text(incident.ended()))
                                .put("merged_into", incident.mergedInto())
                                .put("duration_ms", length.toMillis())
                                .put("circuits", incident.affected().size())
                                .put("open", open)
                                .put("depending", depending)
                                .put("refused", refused)
                                .put("kind", first == null ? null : first.kind())
                                .put("cause", first == null ? null : first.cause()));
        return new Notice(
                message.kind(),
                at(message.kind(), incident, message.createdAt()),
                isOver(message.kind()) ? Tone.GOOD : Tone.BAD,
                "interlock/" + organization + "/incident/" + incident.id(),
                Words.shown(incident.root()),
                title(message.kind(), incident, length),
                facts,
                link,
                data);
    }

    private static String title(String kind, Incident incident, Duration length) {
        String root = Words.shown(incident.root());
        String state = incident.suspected() ? root + " is suspected: agents that depend on it fail" : root + " is open";
        return switch (kind) {
            case WebhookMessage.ENDED -> "Incident over: " + root + ", after " + Words.span(length);
            case WebhookMessage.MERGED ->
                "Incident " + incident.id() + " of " + root + " is part of another: " + incident.mergedInto();
            case WebhookMessage.CONTINUED -> "Incident again: " + state;
            default ->
                incident.ended() == null
                        ? "Incident: " + state
                        : "Incident: " + root + " was open for " + Words.span(length);
        };
    }

    private static Instant at(String kind, Incident incident, Instant stored) {
        return switch (kind) {
            case WebhookMessage.BEGAN -> incident.began();
            case WebhookMessage.ENDED -> incident.ended() == null ? stored : incident.ended();
            default -> stored;
        };
    }

    private static boolean isOver(String kind) {
        return kind.equals(WebhookMessage.ENDED) || kind.equals(WebhookMessage.MERGED);
    }

    /** The root's opening; of one that is only suspected, the first. */
    private static @Nullable Affected cause(Incident incident) {
        return incident.affected().stream()
                .filter(each -> each.name().equals(incident.root()))
                .findFirst()
                .orElseGet(() -> incident.affected().isEmpty()
                        ? null
                        : incident.affected().get(0));
    }

    private static String why(Affected circuit) {
        String cause = circuit.cause().replace('_', ' ');
        return circuit.kind() == null ? cause : cause + " (" + Words.shown(circuit.kind()) + ")";
    }
}
