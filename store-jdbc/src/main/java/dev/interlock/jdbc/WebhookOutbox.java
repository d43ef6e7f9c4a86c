package dev.interlock.jdbc;

import dev.interlock.jdbc.Transitions.Line;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The messages that webhooks are to hear, for all processes that share a database: one of them at a time has the duty to
 * send them. What is stored stays until it arrived or is dead. Every method but {@link #release} throws {@code StoreUnavailableException} if the
 * database cannot be reached. Safe for use by any thread.
 */
public final class WebhookOutbox {
    /** What was said is needed for as long, to know what was said lately; of incidents until they have ended. */
    private static final Duration CIRCUITS_KEPT = Duration.ofHours(1);

    /** What it is called to send messages to webhooks. */
    static final String DUTY = "webhooks";

    private static final Duration KEPT = Duration.ofDays(90);
    private static final int FORGOTTEN_AT_ONCE = 500;
    private static final int LINES_AT_ONCE = 500;

    /**
     * Of each webhook the first message that is due, if nothing keeps the webhook: of one subject in the order in which they
     * were stored.
     */
    private static final String DUE = """
            SELECT message.*, webhook.name, webhook.url, webhook.secret, webhook.subscription, webhook.pattern,
                webhook.format, webhook.enabled
            FROM webhook JOIN webhook_message AS message ON message.organization_id = webhook.organization_id
                AND message.webhook_id = webhook.webhook_id
            WHERE webhook.enabled AND NOT webhook.dead AND (webhook.resume_at IS NULL OR webhook.resume_at <= :now)
                AND message.id = (SELECT min(first.id) FROM webhook_message AS first
                    WHERE first.organization_id = webhook.organization_id AND first.webhook_id = webhook.webhook_id
                        AND first.state = 'waiting' AND first.due_at <= :now
                        AND NOT EXISTS (SELECT 1 FROM webhook_message AS earlier
                            WHERE earlier.organization_id = first.organization_id
                                AND earlier.webhook_id = first.webhook_id AND earlier.subject = first.subject
                                AND earlier.id < first.id AND earlier.state = 'waiting'))
            ORDER BY message.due_at, message.id LIMIT :limit
            """;

    private final Connections database;
    private final Duty duty;

    WebhookOutbox(Connections database) {
        this.database = database;
        this.duty = new Duty(database, DUTY);
    }

    /** {@return whether any organization has a webhook} */
    public boolean isUsed() {
        return database.read(handle -> handle.createQuery("SELECT 1 FROM webhook LIMIT 1")
                .mapTo(Integer.class)
                .findFirst()
                .isPresent());
    }

    /**
     * Takes the duty to send, or keeps it.
     *
     * @param process the number of this process' life
     * @param now the wall clock's time
     * @param until when others may take it
     * @return false if another process has it
     */
    public boolean hold(long process, Instant now, Instant until) {
        return duty.hold(process, now, until);
    }

    /**
     * Takes the duty to send from a process that is gone: for a database that only this process can use.
     *
     * @param process the number of this process' life
     * @param until when others may take it
     */
    public void seize(long process, Instant until) {
        duty.seize(process, until);
    }

    /**
     * Gives the duty back, so that another process need not wait. With the database away it does nothing: the others wait
     * until the duty is over.
     *
     * @param process the number of this process' life
     */
    public void release(long process) {
        duty.release(process);
    }

    /**
     * How far the audit trail has been looked through for webhooks. Lines from before the first of them that hears of circuits
     * are left out.
     *
     * @return the number of the last line; empty if no webhook hears of circuits
     */
    public OptionalLong progress() {
        return database.read(handle -> {
            Optional<Long> first = handle.createQuery("SELECT min(after_line) FROM webhook" + " WHERE enabled AND ("
                            + Webhook.CIRCUITS_HEARD + ") HAVING count(*) > 0")
                    .mapTo(Long.class)
                    .findFirst();
            return first.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(Math.max(duty.progress(handle), first.get()));
        });
    }

    /** {@return a reader of the audit trail of all organizations} */
    public TrailReader trail() {
        return new TrailReader(new Transitions(database), LINES_AT_ONCE, System::nanoTime);
    }

    /**
     * Stores what webhooks are to hear of lines of the audit trail, and how far that has been looked through.
     *
     * @param process the number of this process' life
     * @param lines in their order; one that was stored already is not stored again
     * @param progress the number of the last line that counted
     * @param now the wall clock's time
     * @return false if another process has the duty by now: nothing was stored
     */
    public boolean take(long process, List<Line> lines, long progress, Instant now) {
        return database.write(handle -> {
            if (!duty.advance(handle, process, progress)) {
                return false;
            }
            CircuitMessages messages = new CircuitMessages(handle, database.dialect(), now);
            lines.forEach(messages::note);
            return true;
        });
    }

    /**
     * Messages that are to be sent now: of each webhook one.
     *
     * @param now the wall clock's time
     * @param limit at most this many
     * @return those that wait longest first
     */
    public List<WebhookMessage> due(Instant now, int limit) {
        Dialect dialect = database.dialect();
        return database.read(handle -> handle.createQuery(DUE)
                .bindByType("now", dialect.time(now), dialect.timeType())
                .bind("limit", limit)
                .map((row, context) -> message(row, dialect))
                .list());
    }

    /**
     * A line of the audit trail.
     *
     * @param number its number
     * @return empty if it is forgotten
     */
    public Optional<Line> line(long number) {
        return new Transitions(database)
                .after(number - 1, 1).stream()
                        .filter(line -> line.id() == number)
                        .findFirst();
    }

    /**
     * Keeps what a message says, so that it says the same at each attempt.
     *
     * @param message which
     * @param body what it says
     * @return false if there is more, or nothing, to say by now: it is not to be sent so
     */
    public boolean written(WebhookMessage message, String body) {
        return database.write(handle -> handle.createUpdate("UPDATE webhook_message SET body = :body"
                                + " WHERE id = :id AND state = 'waiting' AND changes = :changes")
                        .bind("body", body)
                        .bind("id", message.number())
                        .bind("changes", message.changes())
                        .execute())
                == 1;
    }

    /**
     * Removes a message that is no longer needed.
     *
     * @param message which
     */
    public void drop(WebhookMessage message) {
        database.write(handle -> handle.createUpdate("DELETE FROM webhook_message WHERE id = :id")
                .bind("id", message.number())
                .execute());
    }

    /**
     * A message has arrived.
     *
     * @param message which
     * @param now the wall clock's time
     */
    public void delivered(WebhookMessage message, Instant now) {
        Dialect dialect = database.dialect();
        database.write(handle -> {
            handle.createUpdate("UPDATE webhook_message SET state = 'delivered', settled_at = :now, body = NULL,"
                            + " detail = NULL, error = NULL WHERE id = :id")
                    .bindByType("now", dialect.time(now), dialect.timeType())
                    .bind("id", message.number())
                    .execute();
            return wellAgain(handle, message.webhook(), now);
        });
    }

    /**
     * A message of no account has arrived, as a test does: what waits for the webhook is sent now.
     *
     * @param webhook which
     * @param now the wall clock's time
     */
    public void reached(Webhook webhook, Instant now) {
        database.write(handle -> wellAgain(handle, webhook, now));
    }

    /**
     * What follows of an attempt that failed.
     *
     * @param error why, in words
     * @param retryAt when the message is tried again; null if never: it is dead
     * @param isOfWebhook whether other messages would fail as well: they wait until then, or the webhook is dead with this one
     */
    public record Failure(String error, @Nullable Instant retryAt, boolean isOfWebhook) {}

    /**
     * A message has not arrived.
     *
     * @param message which
     * @param failure why, and what follows
     * @param now the wall clock's time
     */
    public void failed(WebhookMessage message, Failure failure, Instant now) {
        Dialect dialect = database.dialect();
        Webhook webhook = message.webhook();
        boolean dead = failure.retryAt() == null;
        database.write(handle -> {
            handle.createUpdate("UPDATE webhook_message SET attempts = :attempts, error = :error, state = :state,"
                            + " due_at = coalesce(:retry, due_at), settled_at = :settled WHERE id = :id")
                    .bind("attempts", message.attempts() + 1)
                    .bind("error", failure.error())
                    .bind("state", dead ? "dead" : "waiting")
                    .bindByType("retry", dialect.time(failure.retryAt()), dialect.timeType())
                    .bindByType("settled", dialect.time(dead ? now : null), dialect.timeType())
                    .bind("id", message.number())
                    .execute();
            return handle.createUpdate("UPDATE webhook SET failing_since = coalesce(failing_since, :now),"
                            + " last_error = :error, dead = :dead, resume_at = :retry"
                            + " WHERE organization_id = :organization AND webhook_id = :id")
                    .bindByType("now", dialect.time(now), dialect.timeType())
                    .bind("error", failure.error())
                    .bind("dead", dead && failure.isOfWebhook())
                    .bindByType(
                            "retry", dialect.time(failure.isOfWebhook() ? failure.retryAt() : null), dialect.timeType())
                    .bind("organization", webhook.organization())
                    .bind("id", webhook.id())
                    .execute();
        });
    }

    /**
     * A message that is not sent any more. Immutable.
     *
     * @param id as its receiver would have known it
     * @param kind such as {@link WebhookMessage#BEGAN}
     * @param about the incident's id, the circuit's name or the budget's id; empty for what sums up others
     * @param at since when
     * @param error why the last attempt failed
     */
    public record Dead(String id, String kind, String about, Instant at, String error) {}

    /**
     * Messages of a webhook that are dead, the newest first.
     *
     * @param webhook which
     * @param limit at most this many
     * @return them
     */
    public List<Dead> dead(Webhook webhook, int limit) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM webhook_message WHERE organization_id = :organization AND webhook_id = :id
                            AND state = 'dead' ORDER BY id DESC LIMIT :limit
                        """)
                .bind("organization", webhook.organization())
                .bind("id", webhook.id())
                .bind("limit", limit)
                .map((row, context) -> new Dead(
                        row.getString("message_id"),
                        row.getString("kind"),
                        about(row),
                        Objects.requireNonNull(database.dialect().time(row, "settled_at")),
                        row.getString("error")))
                .list());
    }

    /**
     * How many webhooks of an organization are dead, and how many of its messages wait.
     *
     * @param organization whose
     * @param deadWebhooks that are sent nothing any more
     * @param waiting messages that are stored and have not arrived
     * @param dead messages that are not sent any more
     */
    public record Totals(String organization, long deadWebhooks, long waiting, long dead) {}

    /** {@return totals of all organizations with webhooks} */
    public List<Totals> totals() {
        return database.read(handle -> handle.createQuery("""
                        SELECT organization_id, sum(CASE WHEN dead THEN 1 ELSE 0 END) AS dead_webhooks,
                            (SELECT count(*) FROM webhook_message AS message
                                WHERE message.organization_id = webhook.organization_id
                                AND message.state = 'waiting') AS waiting,
                            (SELECT count(*) FROM webhook_message AS message
                                WHERE message.organization_id = webhook.organization_id
                                AND message.state = 'dead') AS dead
                        FROM webhook GROUP BY organization_id
                        """)
                .map((row, context) -> new Totals(
                        row.getString("organization_id"),
                        row.getLong("dead_webhooks"),
                        row.getLong("waiting"),
                        row.getLong("dead")))
                .list());
    }

    /**
     * Forgets messages that arrived, or died, long ago. Holds no lock for long.
     *
     * @param now the wall clock's time
     * @return how many went
     */
    public int forget(Instant now) {
        return forget("kind NOT LIKE 'incident.%' AND state = 'delivered' AND settled_at < ?", now.minus(CIRCUITS_KEPT))
                + forget("settled_at < ?", now.minus(KEPT));
    }

    private int forget(String condition, Instant before) {
        Object time = Objects.requireNonNull(database.dialect().time(before));
        int gone = 0;
        int some;
        do {
            some = database.write(handle -> handle.createUpdate("DELETE FROM webhook_message WHERE id IN"
                            + " (SELECT id FROM webhook_message WHERE " + condition + " LIMIT " + FORGOTTEN_AT_ONCE
                            + ")")
                    .bind(0, time)
                    .execute());
            gone += some;
        } while (some == FORGOTTEN_AT_ONCE);
        return gone;
    }

    private int wellAgain(Handle handle, Webhook webhook, Instant now) {
        Dialect dialect = database.dialect();
        return handle.createUpdate("UPDATE webhook SET delivered_at = :now, failing_since = NULL, resume_at = NULL,"
                        + " last_error = NULL, dead = :dead WHERE organization_id = :organization AND webhook_id = :id")
                .bindByType("now", dialect.time(now), dialect.timeType())
                .bind("dead", false)
                .bind("organization", webhook.organization())
                .bind("id", webhook.id())
                .execute();
    }

    private static WebhookMessage message(ResultSet row, Dialect dialect) throws SQLException {
        long line = row.getLong("line");
        boolean ofLine = !row.wasNull();
        String detail = row.getString("detail");
        return new WebhookMessage(
                row.getLong("id"),
                row.getString("message_id"),
                Webhooks.webhook(row, dialect),
                row.getString("kind"),
                about(row),
                ofLine ? (Long) line : null,
                row.getInt("changes"),
                detail == null ? List.of() : detail.lines().toList(),
                Objects.requireNonNull(dialect.time(row, "created_at")),
                row.getInt("attempts"),
                row.getString("body"));
    }

    private static String about(ResultSet row) throws SQLException {
        String subject = row.getString("subject");
        return subject.substring(subject.indexOf(':') + 1);
    }
}
