package dev.interlock.jdbc;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** Gates and the trail of who put and removed them in a database. */
final class JdbcGates implements GateStore {
    private static final String UPSERT = """
        INSERT INTO gate (organization_id, gate_id, version, stamp, covers, pattern, author, reason, since, ends_at,
            removed_at, removed_by, removed_reason)
        VALUES (:organization, :id, :version, :stamp, :covers, :pattern, :author, :reason, :since, :until,
            :removedAt, :removedBy, :removedReason)
        ON CONFLICT (organization_id, gate_id) DO UPDATE SET
            version = excluded.version, stamp = excluded.stamp, covers = excluded.covers,
            pattern = excluded.pattern, author = excluded.author, reason = excluded.reason,
            since = excluded.since, ends_at = excluded.ends_at, removed_at = excluded.removed_at,
            removed_by = excluded.removed_by, removed_reason = excluded.removed_reason
        WHERE excluded.version > gate.version
        """;

    private static final String APPEND = """
        INSERT INTO gate_change (organization_id, gate_id, version, at, action, covers, pattern, ends_at, actor, reason)
        VALUES (:organization, :id, :version, :at, :action, :covers, :pattern, :until, :actor, :why)
        """;

    private final Connections database;
    private final @Nullable Listener listener;
    private final @Nullable JdbcGateProcesses processes;

    /** @param listener where other servers' changes are heard; null where there are no others */
    JdbcGates(Connections database, @Nullable Listener listener) {
        this.database = database;
        this.listener = listener;
        this.processes = listener == null ? null : new JdbcGateProcesses(database);
    }

    @Override
    public List<GateRecord> read(Instant now) {
        Dialect dialect = database.dialect();
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM gate WHERE removed_at IS NULL AND (ends_at IS NULL OR ends_at > :now)")
                .bindByType("now", dialect.time(now), dialect.timeType())
                .map((row, context) -> record(row, database.dialect()))
                .list());
    }

    @Override
    public @Nullable GateRecord find(String organization, String id) {
        return database.read(handle -> Optional.ofNullable(find(handle, organization, id)))
                .orElse(null);
    }

    @Override
    public List<GateRecord> write(Collection<GateRecord> changes) {
        // Always in the same order, so that two servers never wait for each other.
        List<GateRecord> ordered = changes.stream()
                .sorted(Comparator.comparing(GateRecord::organization).thenComparing(GateRecord::id))
                .toList();
        return ordered.isEmpty() ? List.of() : database.write(handle -> write(handle, ordered));
    }

    @Override
    public @Nullable GateProcesses processes() {
        return processes;
    }

    @Override
    public void subscribe(GateSubscriber subscriber) {
        if (listener != null) {
            listener.subscribe(subscriber);
        }
    }

    @Override
    public void unsubscribe(GateSubscriber subscriber) {
        if (listener != null) {
            listener.unsubscribe(subscriber);
        }
    }

    private List<GateRecord> write(Handle handle, List<GateRecord> changes) {
        List<GateRecord> inTheWay = new ArrayList<>();
        List<Notice> notices = new ArrayList<>();
        for (GateRecord change : changes) {
            if (bind(handle.createUpdate(UPSERT), change).execute() == 0) {
                inTheWay.add(Objects.requireNonNull(find(handle, change.organization(), change.id())));
            } else {
                Failpoint.GATE_ROW_WRITTEN.reach();
                bindTrail(bind(handle.createUpdate(APPEND), change), change).execute();
                WebhookEvent event = WebhookEvent.of(change);
                EventTable.add(handle, database.dialect(), event == null ? List.of() : List.of(event));
                notices.add(Notice.ofGate(change.organization(), change.id()));
            }
        }
        database.dialect().notifyOfGates(handle, notices);
        return inTheWay;
    }

    private <S extends SqlStatement<S>> S bind(S statement, GateRecord record) {
        GateRecord.Removal removal = record.removal();
        statement
                .bind("organization", record.organization())
                .bind("id", record.id())
                .bind("version", record.version())
                .bind("stamp", record.stamp())
                .bind("covers", record.covers())
                .bind("pattern", record.pattern())
                .bind("author", record.author())
                .bind("reason", record.reason())
                .bind("removedBy", removal == null ? null : removal.actor())
                .bind("removedReason", removal == null ? null : removal.reason());
        time(statement, "since", record.since());
        time(statement, "until", record.until());
        time(statement, "removedAt", removal == null ? null : removal.at());
        return statement;
    }

    private <S extends SqlStatement<S>> S bindTrail(S statement, GateRecord record) {
        GateRecord.Removal removal = record.removal();
        statement
                .bind("action", removal == null ? "put" : "removed")
                .bind("actor", removal == null ? record.author() : removal.actor())
                .bind("why", removal == null ? record.reason() : removal.reason());
        time(statement, "at", removal == null ? record.since() : removal.at());
        return statement;
    }

    private void time(SqlStatement<?> statement, String name, @Nullable Instant instant) {
        Dialect dialect = database.dialect();
        statement.bindByType(name, dialect.time(instant), dialect.timeType());
    }

    private @Nullable GateRecord find(Handle handle, String organization, String id) {
        return handle.createQuery("SELECT * FROM gate WHERE organization_id = :organization AND gate_id = :id")
                .bind("organization", organization)
                .bind("id", id)
                .map((row, context) -> record(row, database.dialect()))
                .findOne()
                .orElse(null);
    }

    static GateRecord record(ResultSet row, Dialect dialect) throws SQLException {
        Instant removedAt = dialect.time(row, "removed_at");
        return new GateRecord(
                row.getString("organization_id"),
                row.getString("gate_id"),
                row.getLong("version"),
                row.getString("stamp"),
                row.getString("covers"),
                row.getString("pattern"),
                row.getString("author"),
                row.getString("reason"),
                Objects.requireNonNull(dialect.time(row, "since")),
                dialect.time(row, "ends_at"),
                removedAt == null
                        ? null
                        : new GateRecord.Removal(
                                row.getString("removed_by"), row.getString("removed_reason"), removedAt));
    }
}
