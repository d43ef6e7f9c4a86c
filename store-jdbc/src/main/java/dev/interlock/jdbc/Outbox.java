package dev.interlock.jdbc;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table of messages to webhooks, within a transaction. For one thread. */
final class Outbox {
    /** How many messages may wait for one webhook; what announces something is left out beyond, and counted. */
    static final int MOST_WAITING = 1_000;

    private static final String INSERT = """
            INSERT INTO webhook_message (organization_id, webhook_id, message_id, event, kind, subject, line, changes, state,
                created_at, due_at, attempts)
            VALUES (:organization, :webhook, :message, :event, :kind, :subject, :line, 1, 'waiting', :now, :due, 0)
            ON CONFLICT (organization_id, webhook_id, event) DO NOTHING
            """;

    private final Handle handle;
    private final Dialect dialect;
    private final Instant now;

    /** @param now the wall clock's time */
    Outbox(Handle handle, Dialect dialect, Instant now) {
        this.handle = handle;
        this.dialect = dialect;
        this.now = now;
    }

    /**
     * A message that was stored.
     *
     * @param number its own
     * @param kind of what happened
     * @param dueAt when it was, or is, to be sent
     * @param isUnsent whether no attempt to send it has begun
     * @param line the newest line of the trail that it speaks of, or 0
     */
    record Stored(long number, String kind, Instant dueAt, boolean isUnsent, long line) {}

    /** What a webhook heard, or will hear, of a subject, the newest first; at most two. */
    List<Stored> last(Webhook webhook, String subject) {
        return handle.createQuery("""
                        SELECT id, kind, due_at, state, body, line FROM webhook_message
                        WHERE organization_id = :organization AND webhook_id = :webhook AND subject = :subject
                        ORDER BY id DESC LIMIT 2
                        """)
                .bind("organization", webhook.organization())
                .bind("webhook", webhook.id())
                .bind("subject", subject)
                .map((row, context) -> new Stored(
                        row.getLong("id"),
                        row.getString("kind"),
                        Optional.ofNullable(dialect.time(row, "due_at")).orElse(now),
                        row.getString("state").equals("waiting") && row.getString("body") == null,
                        row.getLong("line")))
                .list();
    }

    /**
     * Adds a message.
     *
     * @param event what happened, by a name of its own, so that it is not stored twice; null if it cannot be
     * @param announces whether it may be left out where too many wait: nobody waits for its end yet
     */
    void add(
            Webhook webhook,
            @Nullable String event,
            String kind,
            String subject,
            @Nullable Long line,
            Instant due,
            boolean announces) {
        if (announces && waiting(webhook) >= MOST_WAITING) {
            handle.createUpdate("UPDATE webhook SET left_out = left_out + 1"
                            + " WHERE organization_id = :organization AND webhook_id = :webhook")
                    .bind("organization", webhook.organization())
                    .bind("webhook", webhook.id())
                    .execute();
            return;
        }
        String id = "msg_" + UUID.randomUUID().toString().replace("-", "");
        handle.createUpdate(INSERT)
                .bind("organization", webhook.organization())
                .bind("webhook", webhook.id())
                .bind("message", id)
                .bind("event", event == null ? id : event)
                .bind("kind", kind)
                .bind("subject", subject)
                .bindByType("line", line, Long.class)
                .bindByType("now", dialect.time(now), dialect.timeType())
                .bindByType("due", dialect.time(due), dialect.timeType())
                .execute();
    }

    /**
     * A message that sums events up.
     *
     * @param number its own
     * @param dueAt when it was, or is, to be sent
     * @param isUnsent whether no attempt to send it has begun, so that more can be added
     * @param events lines of the first ones
     */
    record Sum(long number, Instant dueAt, boolean isUnsent, List<String> events) {}

    /** The newest message of a kind that sums up what a webhook hears of a subject. */
    Optional<Sum> lastSum(Webhook webhook, String subject, String kind) {
        return handle.createQuery("""
            SELECT id, due_at, state, body, detail FROM webhook_message
            WHERE organization_id = :organization AND webhook_id = :webhook AND subject = :subject
                AND kind = :kind ORDER BY id DESC LIMIT 1
            """)
                .bind("organization", webhook.organization())
                .bind("webhook", webhook.id())
                .bind("subject", subject)
                .bind("kind", kind)
                .map((row, context) -> {
                    String detail = row.getString("detail");
                    return new Sum(
                            row.getLong("id"),
                            Optional.ofNullable(dialect.time(row, "due_at")).orElse(now),
                            row.getString("state").equals("waiting") && row.getString("body") == null,
                            detail == null ? List.of() : detail.lines().toList());
                })
                .findFirst();
    }

    /** Says what a message sums up; false if its sending has begun. */
    boolean sumUp(long number, int more, List<String> events) {
        return handle.createUpdate("UPDATE webhook_message SET changes = changes + :more, detail = :detail"
                                + " WHERE id = :id AND state = 'waiting' AND body IS NULL")
                        .bind("id", number)
                        .bind("more", more)
                        .bind("detail", String.join("\n", events))
                        .execute()
                == 1;
    }

    /** Adds a message that sums events up, if not too many wait. */
    void addSum(Webhook webhook, String kind, String subject, int count, List<String> events, Instant due) {
        String event = "sum:" + UUID.randomUUID();
        add(webhook, event, kind, subject, null, due, true);
        handle.createUpdate("UPDATE webhook_message SET changes = :count, detail = :detail"
                        + " WHERE organization_id = :organization AND webhook_id = :webhook AND event = :event")
                .bind("count", count)
                .bind("detail", String.join("\n", events))
                .bind("organization", webhook.organization())
                .bind("webhook", webhook.id())
                .bind("event", event)
                .execute();
    }

    /** Adds a change to a message that is not sent yet; false if its sending has begun. */
    boolean addChange(long number, long line) {
        return handle.createUpdate("UPDATE webhook_message SET changes = changes + 1, line = :line"
                                + " WHERE id = :id AND state = 'waiting' AND body IS NULL AND line < :line")
                        .bind("id", number)
                        .bind("line", line)
                        .execute()
                == 1;
    }

    /** Takes a message back; false if its sending has begun. */
    boolean takeBack(long number) {
        return handle.createUpdate("DELETE FROM webhook_message WHERE id = :id AND state = 'waiting' AND body IS NULL")
                        .bind("id", number)
                        .execute()
                == 1;
    }

    private int waiting(Webhook webhook) {
        return handle.createQuery("SELECT count(*) FROM webhook_message WHERE organization_id = :organization"
                        + " AND webhook_id = :webhook AND state = 'waiting'")
                .bind("organization", webhook.organization())
                .bind("webhook", webhook.id())
                .mapTo(Integer.class)
                .one();
    }
}
