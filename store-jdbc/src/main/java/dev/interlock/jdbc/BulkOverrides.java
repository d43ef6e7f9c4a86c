package dev.interlock.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Overrides of many circuits at once, with what is needed to undo them. An organization has at most {@value #MOST_EACH}:
 * the oldest go first. Every method throws {@code StoreUnavailableException} if the database cannot be reached. Safe for
 * use by any thread.
 */
public final class BulkOverrides {
    /** How many an organization has at most. */
    public static final int MOST_EACH = 100;

    private static final String INSERT = """
            INSERT INTO bulk_override (organization_id, bulk_id, at, actor, action, selection, reason, circuits, undoes,
                changes)
            VALUES (:organization, :id, :at, :actor, :action, :selection, :reason, :circuits, :undoes, :changes)
            """;

    private static final String SHORTEN = """
            DELETE FROM bulk_override WHERE organization_id = :organization AND bulk_id NOT IN (
                SELECT bulk_id FROM bulk_override WHERE organization_id = :organization
                ORDER BY at DESC, bulk_id DESC LIMIT :most)
            """;

    private final Connections database;

    BulkOverrides(Connections database) {
        this.database = database;
    }

    /**
     * An override of many circuits. Immutable.
     *
     * @param organization whose circuits
     * @param id its name within the organization
     * @param at when
     * @param actor who did it
     * @param action as the API names it; {@code undo} for one that undid another
     * @param selection which circuits were meant, as somebody wrote it
     * @param reason why, or null
     * @param circuits how many it changed
     * @param undoes the id of the one that it undid, or null
     */
    public record Line(
            String organization,
            String id,
            Instant at,
            String actor,
            String action,
            String selection,
            @Nullable String reason,
            int circuits,
            @Nullable String undoes) {}

    /**
     * One with what became of each circuit.
     *
     * @param line what was done
     * @param changes each circuit as it was and as it became, as JSON
     */
    public record Whole(Line line, String changes) {}

    /**
     * Adds one; the oldest of its organization may go.
     *
     * @param bulk of an id that is new
     */
    public void add(Whole bulk) {
        Line line = bulk.line();
        Dialect dialect = database.dialect();
        database.write(handle -> {
            handle.createUpdate(INSERT)
                    .bind("organization", line.organization())
                    .bind("id", line.id())
                    .bindByType("at", dialect.time(line.at()), dialect.timeType())
                    .bind("actor", line.actor())
                    .bind("action", line.action())
                    .bind("selection", line.selection())
                    .bind("reason", line.reason())
                    .bind("circuits", line.circuits())
                    .bind("undoes", line.undoes())
                    .bind("changes", bulk.changes())
                    .execute();
            return handle.createUpdate(SHORTEN)
                    .bind("organization", line.organization())
                    .bind("most", MOST_EACH)
                    .execute();
        });
    }

    /**
     * One of an organization's.
     *
     * @param organization whose
     * @param id which
     * @return it, or nothing if there is none or it is forgotten
     */
    public Optional<Whole> find(String organization, String id) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM bulk_override WHERE organization_id = :organization AND bulk_id = :id")
                .bind("organization", organization)
                .bind("id", id)
                .map((row, context) -> new Whole(line(row), row.getString("changes")))
                .findOne());
    }

    /**
     * An organization's, the newest first, at most {@value #MOST_EACH}.
     *
     * @param organization whose
     * @return them
     */
    public List<Line> of(String organization) {
        List<Line> lines = database.read(handle -> handle.createQuery("""
                        SELECT organization_id, bulk_id, at, actor, action, selection, reason, circuits, undoes
                        FROM bulk_override WHERE organization_id = :organization ORDER BY at DESC, bulk_id DESC
                        """)
                .bind("organization", organization)
                .map((row, context) -> line(row))
                .list());
        return Owned.only(organization, lines, Line::organization, "bulk_override");
    }

    private Line line(ResultSet row) throws SQLException {
        return new Line(
                row.getString("organization_id"),
                row.getString("bulk_id"),
                Objects.requireNonNull(database.dialect().time(row, "at")),
                row.getString("actor"),
                row.getString("action"),
                row.getString("selection"),
                row.getString("reason"),
                row.getInt("circuits"),
                row.getString("undoes"));
    }
}
