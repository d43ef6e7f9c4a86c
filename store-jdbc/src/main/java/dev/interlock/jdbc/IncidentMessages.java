package dev.interlock.jdbc;

import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentChange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * What webhooks hear of incidents: one message at the start, and one at the end to those who were sent the first. It is
 * stored in the transaction that stores the incident.
 */
final class IncidentMessages {
    /** How long an incident is watched before it is announced: what its root is shows in the first seconds. */
    static final Duration SETTLES = Duration.ofSeconds(5);

    private IncidentMessages() {}

    /** What a message is about, so that it is grouped with others of the same incident. */
    static String subject(String incident) {
        return "incident:" + incident;
    }

    static void note(Handle handle, Dialect dialect, String organization, List<IncidentChange> changes, Instant now) {
        List<Webhook> webhooks = Webhooks.all(handle, dialect, organization).stream()
                .filter(Webhook::hearsOfIncidents)
                .toList();
        if (webhooks.isEmpty()) {
            return;
        }
        Outbox outbox = new Outbox(handle, dialect, now);
        for (IncidentChange change : changes) {
            for (Webhook webhook : webhooks) {
                note(outbox, webhook, change.incident(), now);
            }
        }
    }

    private static void note(Outbox outbox, Webhook webhook, Incident incident, Instant now) {
        String subject = subject(incident.id());
        Outbox.Stored last = outbox.last(webhook, subject).stream().findFirst().orElse(null);
        if (last == null || !isStart(last.kind())) {
            if (webhook.enabled() && incident.isLive() && covers(webhook, incident)) {
                String kind = last == null ? WebhookMessage.BEGAN : WebhookMessage.CONTINUED;
                outbox.add(webhook, null, kind, subject, null, now.plus(SETTLES), true);
            }
        } else if (incident.mergedInto() != null) {
            if (!outbox.takeBack(last.number())) {
                outbox.add(webhook, null, WebhookMessage.MERGED, subject, null, now, false);
            }
        } else if (incident.ended() != null) {
            outbox.add(webhook, null, WebhookMessage.ENDED, subject, null, now, false);
        }
    }

    private static boolean isStart(String kind) {
        return kind.equals(WebhookMessage.BEGAN) || kind.equals(WebhookMessage.CONTINUED);
    }

    private static boolean covers(Webhook webhook, Incident incident) {
        return webhook.covers(incident.root())
                || incident.affected().stream().anyMatch(each -> webhook.covers(each.name()));
    }
}
