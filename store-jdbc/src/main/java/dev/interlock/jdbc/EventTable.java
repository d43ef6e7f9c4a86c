package dev.interlock.jdbc;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Stores what webhooks may hear, in the transaction in which it happens, where any webhook hears of such things. */
final class EventTable {
    private static final String INSERT = """
        INSERT INTO webhook_event (organization_id, event, topic, kind, subject, agent_id, at, detail, taken)
        VALUES (:organization, :event, :topic, :kind, :subject, :agent, :at, :detail, 0)
        ON CONFLICT (organization_id, event) DO NOTHING
        """;

    private EventTable() {}

    static void add(Handle handle, Dialect dialect, List<WebhookEvent> events) {
        Map<String, Boolean> heard = new HashMap<>();
        List<WebhookEvent> wanted = events.stream()
                .filter(each -> heard.computeIfAbsent(
                        each.topic() + " " + each.organization(),
                        asked -> isHeard(handle, each.organization(), each.topic())))
                .toList();
        if (wanted.isEmpty()) {
            return;
        }
        try (PreparedBatch batch = handle.prepareBatch(INSERT)) {
            for (WebhookEvent each : wanted) {
                batch.bind("organization", each.organization())
                        .bind("event", each.name())
                        .bind("topic", each.topic())
                        .bind("kind", each.kind())
                        .bind("subject", each.subject())
                        .bind("agent", each.agent())
                        .bindByType("at", dialect.time(each.at()), dialect.timeType())
                        .bind("detail", each.line())
                        .add();
            }
            batch.execute();
        }
    }

    private static boolean isHeard(Handle handle, String organization, String topic) {
        return handle.createQuery("SELECT 1 FROM webhook WHERE organization_id = :organization AND enabled"
                        + " AND subscription LIKE :topic LIMIT 1")
                .bind("organization", organization)
                .bind("topic", "%" + topic + "%")
                .mapTo(Integer.class)
                .findFirst()
                .isPresent();
    }
}
