package dev.interlock.jdbc;

import dev.interlock.CircuitId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The trail of keys, policies, budgets, prices and webhooks, and of agents whose data was deleted: who created, changed and removed
 * which, when, and from what to what. A line is written in the transaction of its change. An organization has at most
 * {@value #MOST_EACH} lines: the oldest go first. Safe for
 * use by any thread.
 */
public final class AdministrationChanges {
    /** The number to begin with: the newest line is below it. */
    public static final long NEWEST = Long.MAX_VALUE;

    /** How many lines an organization has at most. */
    public static final int MOST_EACH = 10_000;

    static final String CREATED = "created";
    static final String CHANGED = "changed";
    static final String REMOVED = "removed";
    static final String KEY = "key";
    static final String POLICY = "policy";
    static final String BUDGET = "budget";
    static final String PRICES = "prices";
    static final String WEBHOOK = "webhook";
    static final String AGENT = "agent";

    private static final String APPEND = """
            INSERT INTO administration_change (organization_id, at, actor, action, subject, name, before, after)
            VALUES (:organization, :at, :actor, :action, :subject, :name, :before, :after)
            """;

    private static final String SHORTEN = """
            DELETE FROM administration_change WHERE organization_id = :organization AND id <= (
                SELECT id FROM administration_change WHERE organization_id = :organization
                ORDER BY id DESC LIMIT 1 OFFSET :most)
            """;

    private final Connections database;

    AdministrationChanges(Connections database) {
        this.database = database;
    }

    /**
     * A key, a policy, a budget, prices or a webhook were created, changed or removed, or an agent's data deleted. Immutable; holds no secret.
     *
     * @param id rises with each line of an installation
     * @param organization whose it is
     * @param at when
     * @param actor who did it
     * @param action {@code created}, {@code changed} or {@code removed}
     * @param subject {@code key}, {@code policy}, {@code budget}, {@code prices}, {@code webhook} or {@code agent}
     * @param name the id of a key, budget or webhook, the policy's pattern, or the agent's name
     * @param before what it was, as JSON without secrets; null where it is new
     * @param after what it became, as JSON without secrets; null where it was removed
     */
    public record Line(
            long id,
            String organization,
            Instant at,
            String actor,
            String action,
            String subject,
            String name,
            @Nullable String before,
            @Nullable String after) {}

    /**
     * Which lines are looked for; what is null does not matter.
     *
     * @param since lines of this moment and later ones
     * @param until lines before this moment
     * @param subject {@code key}, {@code policy}, {@code budget}, {@code prices}, {@code webhook} or {@code agent}
     * @param name the id of a key, budget or webhook, the policy's pattern, or the agent's name, to the letter
     * @param actor who did it; {@code *} stands for any run of characters
     */
    public record Filter(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String subject,
            @Nullable String name,
            @Nullable String actor) {
        /** All lines. */
        public static final Filter ALL = new Filter(null, null, null, null, null);
    }

    /**
     * Lines of an organization's keys and policies, the newest first.
     *
     * @param organization whose keys and policies
     * @param filter which lines
     * @param before only lines with a smaller number than this; {@link #NEWEST} for the first page
     * @param limit at most this many
     * @return the lines
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached
     */
    public List<Line> of(String organization, Filter filter, long before, int limit) {
        Conditions where = new Conditions("organization_id = :organization AND id < :before");
        where.add("at >= :since", "since", database.dialect().time(filter.since));
        where.add("at < :until", "until", database.dialect().time(filter.until));
        where.add("subject = :subject", "subject", filter.subject);
        where.add("name = :name", "name", filter.name);
        where.matching("actor", filter.actor);
        List<Line> lines = database.read(handle -> handle.createQuery(
                        "SELECT * FROM administration_change WHERE " + where + " ORDER BY id DESC LIMIT :limit")
                .bind("organization", organization)
                .bind("before", before)
                .bind("limit", limit)
                .bindMap(where.values())
                .map((row, context) -> line(row))
                .list());
        return Owned.only(organization, lines, Line::organization, "administration_change");
    }

    /**
     * The agents of all organizations whose data was deleted since a time, by whichever process.
     *
     * @param since the time
     * @return when, by agent; the last time where there are several
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached
     */
    public Map<CircuitId, Instant> deletedAgents(Instant since) {
        Map<CircuitId, Instant> deleted = new HashMap<>();
        database.read(handle -> handle.createQuery(
                                "SELECT * FROM administration_change WHERE at >= :since AND subject = :subject")
                        .bindByType(
                                "since",
                                database.dialect().time(since),
                                database.dialect().timeType())
                        .bind("subject", AGENT)
                        .map((row, context) -> line(row))
                        .list())
                .forEach(line -> deleted.merge(
                        new CircuitId(line.organization(), line.name()),
                        line.at(),
                        (one, other) -> one.isAfter(other) ? one : other));
        return deleted;
    }

    /** Adds a line in the transaction of the change itself. */
    static void append(
            Handle handle,
            Dialect dialect,
            String organization,
            Author by,
            String action,
            String subject,
            String name,
            @Nullable String before,
            @Nullable String after) {
        handle.createUpdate(APPEND)
                .bind("organization", organization)
                .bind("at", dialect.time(by.at()))
                .bind("actor", by.actor())
                .bind("action", action)
                .bind("subject", subject)
                .bind("name", name)
                .bind("before", before)
                .bind("after", after)
                .execute();
        handle.createUpdate(SHORTEN)
                .bind("organization", organization)
                .bind("most", MOST_EACH)
                .execute();
    }

    private Line line(ResultSet row) throws SQLException {
        return new Line(
                row.getLong("id"),
                row.getString("organization_id"),
                Objects.requireNonNull(database.dialect().time(row, "at")),
                row.getString("actor"),
                row.getString("action"),
                row.getString("subject"),
                row.getString("name"),
                row.getString("before"),
                row.getString("after"));
    }
}
