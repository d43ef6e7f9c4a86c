package dev.interlock.jdbc;

import dev.interlock.store.TransitionRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
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
     * Lines of one circuit, the newest first.
     *
     * @param organization who owns the circuit
     * @param name what it protects
     * @param before only lines with a smaller number than this; {@link #NEWEST} for the first page
     * @param limit at most so many
     * @return the lines
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached
     */
    public List<Line> of(String organization, String name, long before, int limit) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM circuit_transition
                        WHERE organization_id = :organization AND agent_id = :name AND id < :before
                        ORDER BY id DESC LIMIT :limit
                        """)
                .bind("organization", organization)
                .bind("name", name)
                .bind("before", before)
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
