package dev.interlock.jdbc;

import dev.interlock.store.TransitionRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The audit trail of circuits, for reading. */
public final class Transitions {
    /** The number to begin with: the newest line is below it. */
    public static final long NEWEST = Long.MAX_VALUE;

    private final Connections database;

    Transitions(Connections database) {
        this.database = database;
    }

    /**
     * A line and its number, by which the next page is asked for.
     *
     * @param id a number that rises with each line of an installation
     * @param transition the line
     */
    public record Line(long id, TransitionRecord transition) {}

    /**
     * Which lines are looked for; what is null does not matter.
     *
     * @param since lines of this moment and later ones
     * @param until lines before this moment
     * @param name of this circuit; with {@code *} in it for any run of characters, of all that match
     * @param kind of the failure that tripped or re-opened, as {@link TransitionRecord#kind()} has it
     * @param cause as {@link TransitionRecord#cause()} has it
     * @param actor who ordered it, or a pattern
     */
    public record Filter(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String name,
            @Nullable String kind,
            @Nullable String cause,
            @Nullable String actor) {
        /** All lines. */
        public static final Filter ALL = new Filter(null, null, null, null, null, null);

        /**
         * The lines of one circuit, or of those that match.
         *
         * @param name what it protects, or a pattern
         * @return a filter
         */
        public static Filter of(String name) {
            return new Filter(null, null, name, null, null, null);
        }
    }

    /**
     * Lines of an organization's circuits, the newest first.
     *
     * @param organization who owns the circuits
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
        where.matching("agent_id", filter.name);
        where.matching("actor", filter.actor);
        where.add("kind = :kind", "kind", filter.kind);
        where.add("cause = :cause", "cause", filter.cause);
        List<Line> lines = database.read(handle -> handle.createQuery(
                        "SELECT * FROM circuit_transition WHERE " + where + " ORDER BY id DESC LIMIT :limit")
                .bind("organization", organization)
                .bind("before", before)
                .bind("limit", limit)
                .bindMap(where.values())
                .map((row, context) -> line(row))
                .list());
        return Owned.only(organization, lines, each -> each.transition().organization(), "circuit_transition");
    }

    /** Lines of all organizations, the oldest first. */
    List<Line> after(long number, int limit) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM circuit_transition WHERE id > :after ORDER BY id LIMIT :limit")
                .bind("after", number)
                .bind("limit", limit)
                .map((row, context) -> line(row))
                .list());
    }

    private Line line(ResultSet row) throws SQLException {
        Dialect dialect = database.dialect();
        return new Line(
                row.getLong("id"),
                new TransitionRecord(
                        row.getString("organization_id"),
                        row.getString("agent_id"),
                        row.getLong("epoch"),
                        row.getString("from_state"),
                        row.getString("to_state"),
                        Objects.requireNonNull(dialect.time(row, "at")),
                        row.getString("cause"),
                        row.getString("action"),
                        row.getBoolean("repeated"),
                        row.getString("kind"),
                        cooldown(row),
                        row.getInt("calls"),
                        row.getInt("failures"),
                        row.getInt("consecutive_failures"),
                        row.getBoolean("held"),
                        dialect.time(row, "hold_until"),
                        row.getString("actor"),
                        row.getString("reason"),
                        row.getInt("skipped")));
    }

    private static @Nullable Long cooldown(ResultSet row) throws SQLException {
        long millis = row.getLong("cooldown_ms");
        return row.wasNull() ? null : millis;
    }
}
