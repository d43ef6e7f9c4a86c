package dev.interlock.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Where organizations want to hear of their circuits. {@link WebhookOutbox} keeps what they hear. Every method throws {@code
 * StoreUnavailableException} if the database cannot be reached. Safe for use by any thread.
 */
public final class Webhooks {
    private static final String INSERT = """
            INSERT INTO webhook (organization_id, webhook_id, name, url, secret, subscription, pattern, format, enabled,
                created_at, after_line, dead, left_out)
            VALUES (:organization, :id, :name, :url, :secret, :subscription, :pattern, :format, :enabled, :created,
                (SELECT coalesce(max(id), 0) FROM circuit_transition), :dead, 0)
            """;

    /** Lines of the trail from before it heard of them are not for it. */
    private static final String UPDATE = """
            UPDATE webhook SET name = :name, url = :url, secret = :secret, subscription = :subscription,
                pattern = :pattern, format = :format, enabled = :enabled, dead = :dead, failing_since = NULL,
                resume_at = NULL, last_error = NULL,
                after_line = CASE WHEN :hears THEN after_line
                    ELSE (SELECT coalesce(max(id), 0) FROM circuit_transition) END
            WHERE organization_id = :organization AND webhook_id = :id
            """;

    private static final String LIST = """
            SELECT webhook.*,
                (SELECT count(*) FROM webhook_message AS message
                    WHERE message.organization_id = webhook.organization_id
                    AND message.webhook_id = webhook.webhook_id AND message.state = 'waiting') AS waiting,
                (SELECT count(*) FROM webhook_message AS message
                    WHERE message.organization_id = webhook.organization_id
                    AND message.webhook_id = webhook.webhook_id AND message.state = 'dead') AS dead_messages
            FROM webhook WHERE organization_id = :organization
            """;

    private final Connections database;

    Webhooks(Connections database) {
        this.database = database;
    }

    /**
     * A webhook and how sending to it goes.
     *
     * @param webhook where to
     * @param state how it goes
     */
    public record Listed(Webhook webhook, WebhookState state) {}

    /**
     * An organization's webhooks.
     *
     * @param organization whose
     * @return the oldest first
     */
    public List<Listed> of(String organization) {
        List<Listed> rows = database.read(handle -> handle.createQuery(LIST + " ORDER BY created_at, webhook_id")
                .bind("organization", organization)
                .map((row, context) -> listed(row))
                .list());
        return Owned.only(organization, rows, row -> row.webhook().organization(), "webhook");
    }

    /**
     * One webhook.
     *
     * @param organization whose
     * @param id which
     * @return empty if there is none of that id
     */
    public Optional<Listed> find(String organization, String id) {
        Optional<Listed> row = database.read(handle -> handle.createQuery(LIST + " AND webhook_id = :id")
                .bind("organization", organization)
                .bind("id", id)
                .map((found, context) -> listed(found))
                .findFirst());
        return row.filter(found -> Owned.isOf(organization, found.webhook().organization(), "webhook"));
    }

    /**
     * Adds a webhook, and a line to the trail of {@link AdministrationChanges}. It hears of what happens from then on.
     *
     * @param webhook with an id of its own
     * @param most how many an organization may have
     * @param by who adds it
     * @param shown what the trail keeps of it, as JSON without secrets
     * @return false if the organization has as many as it may
     */
    public boolean add(Webhook webhook, int most, Author by, String shown) {
        return database.write(handle -> {
            int present = handle.createQuery("SELECT count(*) FROM webhook WHERE organization_id = :organization")
                    .bind("organization", webhook.organization())
                    .mapTo(Integer.class)
                    .one();
            if (present >= most) {
                return false;
            }
            bind(handle.createUpdate(INSERT), webhook)
                    .bindByType(
                            "created",
                            database.dialect().time(webhook.createdAt()),
                            database.dialect().timeType())
                    .execute();
            append(handle, webhook, by, AdministrationChanges.CREATED, null, shown);
            return true;
        });
    }

    /**
     * Puts a webhook in place of the one with its id, and adds a line to the trail of {@link AdministrationChanges}. One that
     * was dead is sent what waits for it.
     *
     * @param webhook as it is to be
     * @param by who changes it
     * @param before what the trail keeps of the one that was, as JSON without secrets
     * @param after what it keeps of the new one
     * @return false if there is none of that id
     */
    public boolean put(Webhook webhook, Author by, String before, String after) {
        return database.write(handle -> {
            Optional<Webhook> old = handle.createQuery(
                            "SELECT * FROM webhook WHERE organization_id = :organization AND webhook_id = :id")
                    .bind("organization", webhook.organization())
                    .bind("id", webhook.id())
                    .map((row, context) -> webhook(row, database.dialect()))
                    .findFirst();
            if (old.isEmpty()) {
                return false;
            }
            boolean hears = old.get().enabled()
                    && old.get().hearsOfCircuits()
                    && old.get().ofCircuits().containsAll(webhook.ofCircuits());
            bind(handle.createUpdate(UPDATE), webhook).bind("hears", hears).execute();
            append(handle, webhook, by, AdministrationChanges.CHANGED, before, after);
            return true;
        });
    }

    /**
     * Removes a webhook and all that waits for it, and adds a line to the trail of {@link AdministrationChanges}.
     *
     * @param webhook which
     * @param by who removes it
     * @param shown what the trail keeps of it, as JSON without secrets
     * @return false if there is none of that id any more
     */
    public boolean remove(Webhook webhook, Author by, String shown) {
        return database.write(handle -> {
            int removed = handle.createUpdate(
                            "DELETE FROM webhook WHERE organization_id = :organization AND webhook_id = :id")
                    .bind("organization", webhook.organization())
                    .bind("id", webhook.id())
                    .execute();
            if (removed == 1) {
                handle.createUpdate("DELETE FROM webhook_message WHERE organization_id = :organization AND webhook_id ="
                                + " :id")
                        .bind("organization", webhook.organization())
                        .bind("id", webhook.id())
                        .execute();
                append(handle, webhook, by, AdministrationChanges.REMOVED, shown, null);
            }
            return removed == 1;
        });
    }

    /** The webhooks of an organization, disabled ones included. */
    static List<Webhook> all(Handle handle, Dialect dialect, String organization) {
        return handle
                .createQuery("SELECT * FROM webhook WHERE organization_id = :organization ORDER BY webhook_id")
                .bind("organization", organization)
                .map((row, context) -> webhook(row, dialect))
                .list()
                .stream()
                .filter(each -> Owned.isOf(organization, each.organization(), "webhook"))
                .toList();
    }

    static Webhook webhook(ResultSet row, Dialect dialect) throws SQLException {
        return new Webhook(
                row.getString("organization_id"),
                row.getString("webhook_id"),
                row.getString("name"),
                row.getString("url"),
                row.getString("secret"),
                Set.of(row.getString("subscription").split(",")),
                row.getString("pattern"),
                row.getString("format"),
                row.getBoolean("enabled"),
                Objects.requireNonNull(dialect.time(row, "created_at")));
    }

    private Listed listed(ResultSet row) throws SQLException {
        Dialect dialect = database.dialect();
        return new Listed(
                webhook(row, dialect),
                new WebhookState(
                        dialect.time(row, "failing_since"),
                        dialect.time(row, "resume_at"),
                        row.getBoolean("dead"),
                        dialect.time(row, "delivered_at"),
                        row.getString("last_error"),
                        row.getLong("left_out"),
                        row.getLong("waiting"),
                        row.getLong("dead_messages")));
    }

    private static Update bind(Update update, Webhook webhook) {
        return update.bind("organization", webhook.organization())
                .bind("id", webhook.id())
                .bind("name", webhook.name())
                .bind("url", webhook.url())
                .bind("secret", webhook.secret())
                .bind("subscription", String.join(",", new TreeSet<>(webhook.on())))
                .bind("pattern", webhook.pattern())
                .bind("format", webhook.format())
                .bind("enabled", webhook.enabled())
                .bind("dead", false);
    }

    private void append(
            Handle handle, Webhook webhook, Author by, String action, @Nullable String before, @Nullable String after) {
        AdministrationChanges.append(
                handle,
                database.dialect(),
                webhook.organization(),
                by,
                action,
                AdministrationChanges.WEBHOOK,
                webhook.id(),
                before,
                after);
    }
}
