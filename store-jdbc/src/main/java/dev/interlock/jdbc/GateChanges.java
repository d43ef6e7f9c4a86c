package dev.interlock.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The audit trail of gates, for reading: who put and removed them, when and why. */
public final class GateChanges {
    /** The number to begin with: the newest line is below it. */
    public static final long NEWEST = Long.MAX_VALUE;

    private final Connections database;

    GateChanges(Connections database) {
        this.database = database;
    }

    /**
     * A gate was put or removed. Immutable.
     *
     * @param number rises with each line of an installation
     * @param organization whose calls the gate refuses
     * @param gate its id within the organization
     * @param version which change of that gate
     * @param at when
     * @param action {@code put} or {@code removed}
     * @param covers {@code organization}, {@code agents} or {@code upstream}
     * @param pattern which agents or upstreams, or null
     * @param until when the gate ends by itself, or null
     * @param actor who did it
     * @param reason why, or null
     */
    public record Line(
            long number,
            String organization,
            String gate,
            long version,
            Instant at,
            String action,
            String covers,
            @Nullable String pattern,
            @Nullable Instant until,
            String actor,
            @Nullable String reason) {}

    /**
     * Lines of one organization, the newest first.
     *
     * @param organization whose gates
     * @param before only lines with a smaller number than this; {@link #NEWEST} for the first page
     * @param limit at most this many
     * @return the lines
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached
     */
    public List<Line> of(String organization, long before, int limit) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM gate_change WHERE organization_id = :organization AND id < :before
                        ORDER BY id DESC LIMIT :limit
                        """)
                .bind("organization", organization)
                .bind("before", before)
                .bind("limit", limit)
                .map((row, context) -> line(row))
                .list());
    }

    private Line line(ResultSet row) throws SQLException {
        Dialect dialect = database.dialect();
        return new Line(
                row.getLong("id"),
                row.getString("organization_id"),
                row.getString("gate_id"),
                row.getLong("version"),
                Objects.requireNonNull(dialect.time(row, "at")),
                row.getString("action"),
                row.getString("covers"),
                row.getString("pattern"),
                dialect.time(row, "ends_at"),
                row.getString("actor"),
                row.getString("reason"));
    }
}
