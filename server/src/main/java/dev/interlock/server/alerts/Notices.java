package dev.interlock.server.alerts;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.Incidents;
import dev.interlock.jdbc.Transitions;
import dev.interlock.jdbc.Transitions.Filter;
import dev.interlock.jdbc.Webhook;
import dev.interlock.jdbc.WebhookEvents;
import dev.interlock.jdbc.WebhookMessage;
import dev.interlock.jdbc.WebhookOutbox;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.server.incidents.Stories;
import dev.interlock.store.TransitionRecord;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a stored message what it says, from the incident or the line of the audit trail that it is about, as it is at the
 * first attempt to send it. Blocks: for workers. Safe for use by any thread.
 */
final class Notices {
    /** How many lines before a circuit's closing its opening is looked for. */
    private static final int LOOKED_THROUGH = 500;

    private final Incidents incidents;
    private final Transitions transitions;
    private final WebhookOutbox outbox;
    private final WebhookEvents events;
    private final Stories stories;
    private final Links links;
    private final Clock clock;

    Notices(
            Incidents incidents,
            Transitions transitions,
            WebhookOutbox outbox,
            WebhookEvents events,
            Stories stories,
            Links links,
            Clock clock) {
        this.incidents = incidents;
        this.transitions = transitions;
        this.outbox = outbox;
        this.events = events;
        this.stories = stories;
        this.links = links;
        this.clock = clock;
    }

    /** What a message says; empty if nothing is left to say. */
    Optional<Notice> of(WebhookMessage message) {
        String organization = message.webhook().organization();
        Long line = message.line();
        if (!message.events().isEmpty()) {
            return Optional.of(EventNotice.of(message, left(message), links));
        }
        if (line == null) {
            return incidents
                    .find(organization, message.about())
                    .filter(incident -> !isPart(message.kind(), incident))
                    .map(incident -> of(message, incident));
        }
        return outbox.line(line)
                .map(Transitions.Line::transition)
                .filter(each -> each.organization().equals(organization))
                .map(each -> CircuitNotice.of(
                        message, each, opening(each, line), links.circuit(each.name()), this::refused));
    }

    /** Of what begins and ends, how much goes on now; else 0. */
    private long left(WebhookMessage message) {
        String organization = message.webhook().organization();
        return switch (message.kind()) {
            case WebhookMessage.HEALTH_CRITICAL, WebhookMessage.HEALTH_RECOVERED -> events.critical(organization);
            case WebhookMessage.STOP_BEGAN, WebhookMessage.STOP_ENDED -> events.stops(organization, clock.instant());
            default -> 0;
        };
    }

    /** A message that shows that messages arrive. */
    Notice test(Webhook webhook) {
        JsonObject data = new JsonObject()
                .put("organization_id", webhook.organization())
                .put("webhook", new JsonObject().put("id", webhook.id()).put("name", webhook.name()));
        return new Notice(
                "webhook.test",
                clock.instant(),
                Notice.Tone.NOTE,
                "interlock/" + webhook.organization() + "/test/" + webhook.id(),
                "interlock",
                "Test of the webhook " + Words.shown(webhook.name()),
                List.of(new Notice.Fact("Meaning", "messages of Interlock arrive here; nothing is wrong")),
                links.webhooks(),
                data);
    }

    /** One that turned out to be part of another is announced by that one. */
    private static boolean isPart(String kind, Incident incident) {
        return incident.mergedInto() != null && !kind.equals(WebhookMessage.MERGED);
    }

    private Notice of(WebhookMessage message, Incident incident) {
        String organization = message.webhook().organization();
        return IncidentNotice.of(
                message,
                incident,
                stories.hit(organization, incident),
                stories.refused(organization, incident),
                links.incident(incident.id()),
                clock.instant());
    }

    private long refused(CircuitId circuit, Instant from, Instant until) {
        return stories.refused(circuit, from, until);
    }

    /** When a circuit opened that has closed now; null if that was long ago, or if it has not. */
    private @Nullable Instant opening(TransitionRecord closed, long line) {
        if (!closed.to().equals("closed") || closed.from().equals("closed")) {
            return null;
        }
        Filter filter = Filter.of(closed.name());
        return transitions.of(closed.organization(), filter, line, LOOKED_THROUGH).stream()
                .map(Transitions.Line::transition)
                .filter(each -> each.name().equals(closed.name())) // a star in a name stands for more in a filter
                .filter(each -> each.from().equals("closed") && !each.to().equals("closed"))
                .findFirst()
                .map(TransitionRecord::at)
                .orElse(null);
    }
}
