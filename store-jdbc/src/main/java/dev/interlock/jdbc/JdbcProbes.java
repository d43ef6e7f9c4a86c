package dev.interlock.jdbc;

import dev.interlock.store.ProbeRecord;
import dev.interlock.store.ProbeStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** Trust in circuits' probes in a database. */
final class JdbcProbes implements ProbeStore {
    private static final String UPSERT = """
            INSERT INTO probe_trust (organization_id, agent_id, trusted, tried, real_trial_at, changed_at)
            VALUES (:organization, :name, :trusted, :tried, :realTrial, :changed)
            ON CONFLICT (organization_id, agent_id) DO UPDATE SET
                trusted = excluded.trusted, tried = excluded.tried, real_trial_at = excluded.real_trial_at,
                changed_at = excluded.changed_at
            WHERE excluded.changed_at >= probe_trust.changed_at
            """;

    private static final int FETCHED_AT_ONCE = 2_000;

    private final Connections database;
    private final boolean shared;

    /** @param shared whether other servers may use the database */
    JdbcProbes(Connections database, boolean shared) {
        this.database = database;
        this.shared = shared;
    }

    @Override
    public void read(Instant since, Consumer<ProbeRecord> reader) {
        Dialect dialect = database.dialect();
        // In a transaction, so that PostgreSQL hands the rows over in portions.
        database.read(handle -> handle.inTransaction(reading -> {
            reading.createQuery("SELECT * FROM probe_trust WHERE changed_at >= :since")
                    .bindByType("since", dialect.time(since), dialect.timeType())
                    .setFetchSize(FETCHED_AT_ONCE)
                    .map((row, context) -> record(row))
                    .useIterator(rows -> rows.forEachRemaining(reader));
            return true;
        }));
    }

    @Override
    public void write(Collection<ProbeRecord> changes) {
        if (changes.isEmpty()) {
            return;
        }
        // Always in the same order, so that two servers never wait for each other.
        List<ProbeRecord> ordered = changes.stream()
                .sorted(Comparator.comparing(ProbeRecord::organization).thenComparing(ProbeRecord::name))
                .toList();
        database.write(handle -> {
            PreparedBatch batch = handle.prepareBatch(UPSERT);
            ordered.forEach(change -> bind(batch, change).add());
            return batch.execute();
        });
    }

    @Override
    public void forget(Instant before) {
        Dialect dialect = database.dialect();
        database.write(handle -> handle.createUpdate("DELETE FROM probe_trust WHERE changed_at < :before")
                .bindByType("before", dialect.time(before), dialect.timeType())
                .execute());
    }

    @Override
    public boolean isShared() {
        return shared;
    }

    private PreparedBatch bind(PreparedBatch batch, ProbeRecord record) {
        batch.bind("organization", record.organization())
                .bind("name", record.name())
                .bind("trusted", record.trusted())
                .bind("tried", record.tried());
        time(batch, "realTrial", record.realTrialAt());
        time(batch, "changed", record.changedAt());
        return batch;
    }

    private void time(SqlStatement<?> statement, String name, @Nullable Instant instant) {
        Dialect dialect = database.dialect();
        statement.bindByType(name, dialect.time(instant), dialect.timeType());
    }

    private ProbeRecord record(ResultSet row) throws SQLException {
        Dialect dialect = database.dialect();
        return new ProbeRecord(
                row.getString("organization_id"),
                row.getString("agent_id"),
                row.getBoolean("trusted"),
                row.getBoolean("tried"),
                dialect.time(row, "real_trial_at"),
                Objects.requireNonNull(dialect.time(row, "changed_at")));
    }
}
