package dev.interlock.jdbc;

import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentChange;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * Incidents and the circuits that opened in them. {@link IncidentWriter} writes them. Every method throws {@code
 * StoreUnavailableException} if the database cannot be reached. Safe for use by any thread.
 */
public final class Incidents {
    private static final String UPSERT = """
            INSERT INTO incident (organization_id, incident_id, root, suspected, began, last_opening, quiet_since, ended,
                merged_into)
            VALUES (:organization, :id, :root, :suspected, :began, :last, :quiet, :ended, :merged)
            ON CONFLICT (organization_id, incident_id) DO UPDATE SET root = excluded.root, suspected = excluded.suspected,
                began = excluded.began, last_opening = excluded.last_opening, quiet_since = excluded.quiet_since,
                ended = excluded.ended, merged_into = excluded.merged_into
            """;

    private static final String UPSERT_CIRCUIT = """
            INSERT INTO incident_circuit (organization_id, incident_id, agent_id, epoch, opened_at, closed_at, openings,
                kind, cause)
            VALUES (:organization, :id, :agent, :epoch, :opened, :closed, :openings, :kind, :cause)
            ON CONFLICT (organization_id, incident_id, agent_id) DO UPDATE SET epoch = excluded.epoch,
                opened_at = excluded.opened_at, closed_at = excluded.closed_at, openings = excluded.openings,
                kind = excluded.kind, cause = excluded.cause
            """;

    private final Connections database;

    Incidents(Connections database) {
        this.database = database;
    }

    /**
     * Which incidents are looked for; what is null does not matter.
     *
     * @param live those that go on, or those that have ended
     * @param since those that went on at this moment or later
     * @param until those that began before this moment
     */
    public record Filter(
            @Nullable Boolean live,
            @Nullable Instant since,
            @Nullable Instant until) {
        /** All of them. */
        public static final Filter ALL = new Filter(null, null, null);
    }

    /**
     * An incident without its circuits, and how many those are.
     *
     * @param incident with an empty list of circuits
     * @param circuits how many opened
     * @param open how many of them have not closed
     */
    public record Listed(Incident incident, int circuits, int open) {}

    /**
     * An organization's incidents, those that began last first, without what turned out to be part of another one.
     *
     * @param organization whose
     * @param filter which
     * @param before only incidents after this one in that order, by its id; null for the first page
     * @param limit at most this many
     * @return them
     */
    public List<Listed> of(String organization, Filter filter, @Nullable String before, int limit) {
        Conditions where = new Conditions("organization_id = :organization AND merged_into IS NULL");
        where.add("began < :until", "until", database.dialect().time(filter.until));
        where.add(
                "(ended IS NULL OR ended >= :since)",
                "since",
                database.dialect().time(filter.since));
        where.add("(ended IS NULL) = :live", "live", filter.live);
        where.add(
                "(began, incident_id) < (SELECT began, incident_id FROM incident"
                        + " WHERE organization_id = :organization AND incident_id = :before)",
                "before",
                before);
        List<Owner<Listed>> rows = database.read(handle -> handle.createQuery(
                        """
                        SELECT incident.*,
                            (SELECT count(*) FROM incident_circuit AS circuit
                                WHERE circuit.organization_id = incident.organization_id
                                AND circuit.incident_id = incident.incident_id) AS circuits,
                            (SELECT count(*) FROM incident_circuit AS circuit
                                WHERE circuit.organization_id = incident.organization_id
                                AND circuit.incident_id = incident.incident_id AND circuit.closed_at IS NULL) AS not_closed
                        FROM incident WHERE
                        """ + where + " ORDER BY began DESC, incident_id DESC LIMIT :limit")
                .bind("organization", organization)
                .bind("limit", limit)
                .bindMap(where.values())
                .map((row, context) -> new Owner<>(
                        row.getString("organization_id"),
                        new Listed(
                                incident(row, database.dialect()), row.getInt("circuits"), row.getInt("not_closed"))))
                .list());
        return Owned.only(organization, rows, Owner::organization, "incident").stream()
                .map(Owner::row)
                .toList();
    }

    /**
     * One incident with its circuits.
     *
     * @param organization whose
     * @param id which
     * @return empty if there is none of that name, or if it was long ago
     */
    public Optional<Incident> find(String organization, String id) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM incident WHERE organization_id = :organization AND incident_id = :id")
                .bind("organization", organization)
                .bind("id", id)
                .map((row, context) -> new Owner<>(row.getString("organization_id"), incident(row, database.dialect())))
                .findFirst()
                .filter(row -> Owned.isOf(organization, row.organization(), "incident"))
                .map(row -> with(row.row(), circuits(handle, database.dialect(), organization, id))));
    }

    /** Incidents of all organizations that go on, or that ended since a time, with their circuits; by organization. */
    static Map<String, List<Incident>> recent(Handle handle, Dialect dialect, Instant since) {
        List<Owner<Incident>> rows = handle.createQuery(
                        "SELECT * FROM incident WHERE merged_into IS NULL AND (ended IS NULL OR ended >= :since)")
                .bindByType("since", dialect.time(since), dialect.timeType())
                .map((row, context) -> new Owner<>(row.getString("organization_id"), incident(row, dialect)))
                .list();
        Map<String, List<Incident>> all = new LinkedHashMap<>();
        for (Owner<Incident> row : rows) {
            List<Affected> circuits =
                    circuits(handle, dialect, row.organization(), row.row().id());
            all.computeIfAbsent(row.organization(), fresh -> new ArrayList<>()).add(with(row.row(), circuits));
        }
        return all;
    }

    /** Writes what changed of an organization's incidents. */
    static void write(Handle handle, Dialect dialect, String organization, List<IncidentChange> changes) {
        PreparedBatch incidents = handle.prepareBatch(UPSERT);
        PreparedBatch circuits = handle.prepareBatch(UPSERT_CIRCUIT);
        for (IncidentChange change : changes) {
            Incident incident = change.incident();
            incidents
                    .bind("organization", organization)
                    .bind("id", incident.id())
                    .bind("root", incident.root())
                    .bind("suspected", incident.suspected())
                    .bindByType("began", dialect.time(incident.began()), dialect.timeType())
                    .bindByType("last", dialect.time(incident.lastOpening()), dialect.timeType())
                    .bindByType("quiet", dialect.time(incident.quietSince()), dialect.timeType())
                    .bindByType("ended", dialect.time(incident.ended()), dialect.timeType())
                    .bind("merged", incident.mergedInto())
                    .add();
            for (Affected circuit : change.circuits()) {
                circuits.bind("organization", organization)
                        .bind("id", incident.id())
                        .bind("agent", circuit.name())
                        .bind("epoch", circuit.epoch())
                        .bindByType("opened", dialect.time(circuit.openedAt()), dialect.timeType())
                        .bindByType("closed", dialect.time(circuit.closedAt()), dialect.timeType())
                        .bind("openings", circuit.openings())
                        .bind("kind", circuit.kind())
                        .bind("cause", circuit.cause())
                        .add();
            }
        }
        incidents.execute();
        if (circuits.size() > 0) {
            circuits.execute();
        }
    }

    private static List<Affected> circuits(Handle handle, Dialect dialect, String organization, String id) {
        return handle.createQuery("""
                        SELECT * FROM incident_circuit WHERE organization_id = :organization AND incident_id = :id
                        ORDER BY opened_at, agent_id
                        """)
                .bind("organization", organization)
                .bind("id", id)
                .map((row, context) -> new Affected(
                        row.getString("agent_id"),
                        row.getLong("epoch"),
                        Objects.requireNonNull(dialect.time(row, "opened_at")),
                        dialect.time(row, "closed_at"),
                        row.getInt("openings"),
                        row.getString("kind"),
                        row.getString("cause")))
                .list();
    }

    private static Incident incident(ResultSet row, Dialect dialect) throws SQLException {
        return new Incident(
                row.getString("incident_id"),
                row.getString("root"),
                row.getBoolean("suspected"),
                Objects.requireNonNull(dialect.time(row, "began")),
                Objects.requireNonNull(dialect.time(row, "last_opening")),
                dialect.time(row, "quiet_since"),
                dialect.time(row, "ended"),
                row.getString("merged_into"),
                List.of());
    }

    private static Incident with(Incident incident, List<Affected> circuits) {
        return new Incident(
                incident.id(),
                incident.root(),
                incident.suspected(),
                incident.began(),
                incident.lastOpening(),
                incident.quietSince(),
                incident.ended(),
                incident.mergedInto(),
                circuits);
    }

    /** A row and whose it is. */
    private record Owner<T>(String organization, T row) {}
}
