package dev.interlock.jdbc;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.OpeningRecord;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
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
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Circuits and their audit trail in a database. */
final class JdbcCircuitStore implements CircuitStore {
    /** The condition is {@link CircuitChange#mayFollow}. */
    private static final String UPSERT = """
            INSERT INTO circuit_breaker_state (organization_id, agent_id, state, epoch, failure_count, success_count,
                consecutive_failures, openings, failed_trials, last_failure_at, last_state_change_at, opened_at,
                cooldown_until, hold, hold_until, reason, actor, policy, writer, opening_epoch, opening_cause,
                opening_kind, opening_actor, opening_reason)
            VALUES (:organization, :name, :state, :epoch, :failures, :successes, :consecutive, :openings, :trials,
                :lastFailure, :changed, :opened, :cooldown, :hold, :holdUntil, :reason, :actor, :policy, :writer,
                :openingEpoch, :openingCause, :openingKind, :openingActor, :openingReason)
            ON CONFLICT (organization_id, agent_id) DO UPDATE SET
                state = excluded.state, epoch = excluded.epoch, failure_count = excluded.failure_count,
                success_count = excluded.success_count, consecutive_failures = excluded.consecutive_failures,
                openings = excluded.openings, failed_trials = excluded.failed_trials,
                last_failure_at = excluded.last_failure_at, last_state_change_at = excluded.last_state_change_at,
                opened_at = excluded.opened_at, cooldown_until = excluded.cooldown_until, hold = excluded.hold,
                hold_until = excluded.hold_until, reason = excluded.reason, actor = excluded.actor,
                policy = excluded.policy, writer = excluded.writer,
                opening_epoch = excluded.opening_epoch, opening_cause = excluded.opening_cause,
                opening_kind = excluded.opening_kind, opening_actor = excluded.opening_actor,
                opening_reason = excluded.opening_reason
            WHERE circuit_breaker_state.epoch = :basis AND excluded.epoch >= circuit_breaker_state.epoch
                OR :basis = -1 AND circuit_breaker_state.state = 'closed' AND circuit_breaker_state.hold IS NULL
                    AND excluded.epoch > circuit_breaker_state.epoch
            """;

    private static final String APPEND = """
            INSERT INTO circuit_transition (organization_id, agent_id, epoch, from_state, to_state, at, cause, action,
                repeated, kind, cooldown_ms, calls, failures, consecutive_failures, held, hold_until, actor, reason,
                skipped)
            VALUES (:organization, :name, :epoch, :from, :to, :at, :cause, :action, :repeated, :kind, :cooldown, :calls,
                :failures, :consecutive, :held, :holdUntil, :actor, :reason, :skipped)
            """;

    /** The class of such SQL states. */
    private static final String CONNECTION_LOST = "08";

    private static final int FETCHED_AT_ONCE = 2_000;

    private final Connections database;
    private final @Nullable Listener listener;
    private final JdbcGates gates;
    private final JdbcProbes probes;

    /**
     * The circuits of a database.
     *
     * @param listenTo where other servers' changes are heard; null where there are no others
     */
    JdbcCircuitStore(Connections database, @Nullable DatabaseSettings listenTo) {
        this.database = database;
        this.listener = listenTo == null ? null : new Listener(listenTo, this::find, this::findGate);
        this.gates = new JdbcGates(database, listener);
        this.probes = new JdbcProbes(database, listener != null);
    }

    @Override
    public long nextGeneration() {
        long generation = new Settings(database).nextGeneration();
        if (listener != null) {
            listener.own(generation);
        }
        return generation;
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        // In a transaction, so that PostgreSQL hands the rows over in portions.
        database.read(handle -> handle.inTransaction(reading -> {
            reading.createQuery("SELECT * FROM circuit_breaker_state WHERE state <> 'closed' OR hold IS NOT NULL")
                    .setFetchSize(FETCHED_AT_ONCE)
                    .map((row, context) -> read(row))
                    .useIterator(rows -> rows.forEachRemaining(row -> row.handTo(reader)));
            return true;
        }));
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        return database.read(handle -> Optional.ofNullable(find(handle, organization, name)))
                .orElse(null);
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        if (changes.isEmpty()) {
            return List.of();
        }
        // Always in the same order, so that two servers never wait for each other.
        List<CircuitChange> ordered = changes.stream()
                .sorted(Comparator.comparing(
                                (CircuitChange change) -> change.record().organization())
                        .thenComparing(change -> change.record().name()))
                .toList();
        return database.write(handle -> write(handle, ordered));
    }

    @Override
    public void subscribe(CircuitSubscriber subscriber) {
        if (listener != null) {
            listener.subscribe(subscriber);
        }
    }

    @Override
    public void unsubscribe(CircuitSubscriber subscriber) {
        if (listener != null) {
            listener.unsubscribe(subscriber);
        }
    }

    @Override
    public GateStore gates() {
        return gates;
    }

    @Override
    public ProbeStore probes() {
        return probes;
    }

    private @Nullable GateRecord findGate(String organization, String id) {
        return gates.find(organization, id);
    }

    /** Ends what listens; the connections belong to the database. */
    @Override
    public void close() {
        if (listener != null) {
            listener.close();
        }
    }

    private List<CircuitRecord> write(Handle handle, List<CircuitChange> changes) {
        PreparedBatch states = handle.prepareBatch(UPSERT);
        changes.forEach(change -> bind(states, change).add());
        int[] written = states.execute();
        List<CircuitRecord> inTheWay = new ArrayList<>();
        List<TransitionRecord> lines = new ArrayList<>();
        List<Notice> notices = new ArrayList<>();
        for (int i = 0; i < written.length; i++) {
            CircuitChange change = changes.get(i);
            CircuitRecord record = change.record();
            if (written[i] == 0) {
                inTheWay.add(Objects.requireNonNull(find(handle, record.organization(), record.name())));
            } else {
                lines.addAll(change.transitions());
                notices.add(new Notice(record.writer(), record.organization(), record.name()));
            }
        }
        Failpoint.ROWS_WRITTEN.reach();
        append(handle, lines);
        Failpoint.LINES_WRITTEN.reach();
        database.dialect().notifyOthers(handle, notices);
        return inTheWay;
    }

    private void append(Handle handle, List<TransitionRecord> lines) {
        if (!lines.isEmpty()) {
            PreparedBatch batch = handle.prepareBatch(APPEND);
            lines.forEach(line -> bind(batch, line).add());
            batch.execute();
        }
    }

    private PreparedBatch bind(PreparedBatch batch, CircuitChange change) {
        CircuitRecord record = change.record();
        batch.bind("organization", record.organization())
                .bind("name", record.name())
                .bind("state", record.state())
                .bind("epoch", record.epoch())
                .bind("failures", record.failureCount())
                .bind("successes", record.successCount())
                .bind("consecutive", record.consecutiveFailures())
                .bind("openings", record.openings())
                .bind("trials", record.failedTrials())
                .bind("hold", record.held() ? (record.state().equals("closed") ? "closed" : "open") : null)
                .bind("reason", record.reason())
                .bind("actor", record.actor())
                .bind("policy", record.policy())
                .bind("writer", record.writer())
                .bind("basis", change.basis());
        bind(batch, record.opening(), record.epoch());
        time(batch, "lastFailure", record.lastFailureAt());
        time(batch, "changed", record.changedAt());
        time(batch, "opened", record.openedAt());
        time(batch, "cooldown", record.cooldownUntil());
        time(batch, "holdUntil", record.holdUntil());
        return batch;
    }

    private static void bind(PreparedBatch batch, @Nullable OpeningRecord opening, long epoch) {
        batch.bind("openingEpoch", opening == null ? null : (Long) epoch)
                .bind("openingCause", opening == null ? null : opening.cause())
                .bind("openingKind", opening == null ? null : opening.kind())
                .bind("openingActor", opening == null ? null : opening.actor())
                .bind("openingReason", opening == null ? null : opening.reason());
    }

    private PreparedBatch bind(PreparedBatch batch, TransitionRecord line) {
        batch.bind("organization", line.organization())
                .bind("name", line.name())
                .bind("epoch", line.epoch())
                .bind("from", line.from())
                .bind("to", line.to())
                .bind("cause", line.cause())
                .bind("action", line.action())
                .bind("repeated", line.repeated())
                .bind("kind", line.kind())
                .bind("cooldown", line.cooldownMillis())
                .bind("calls", line.calls())
                .bind("failures", line.failures())
                .bind("consecutive", line.consecutiveFailures())
                .bind("held", line.held())
                .bind("actor", line.actor())
                .bind("reason", line.reason())
                .bind("skipped", line.skipped());
        time(batch, "at", line.at());
        time(batch, "holdUntil", line.holdUntil());
        return batch;
    }

    /** With its type, also for null: what the first row of a batch binds decides for all. */
    private void time(PreparedBatch batch, String name, @Nullable Instant instant) {
        Dialect dialect = database.dialect();
        batch.bindByType(name, dialect.time(instant), dialect.timeType());
    }

    private @Nullable CircuitRecord find(Handle handle, String organization, String name) {
        return handle.createQuery(
                        "SELECT * FROM circuit_breaker_state WHERE organization_id = :organization AND agent_id = :name")
                .bind("organization", organization)
                .bind("name", name)
                .map((row, context) -> read(row).orThrow())
                .findOne()
                .filter(found -> Owned.isOf(organization, found.organization(), "circuit_breaker_state"))
                .orElse(null);
    }

    /** A row: a record, or why it is none. */
    private record Row(
            @Nullable CircuitRecord record, @Nullable UnreadableRecordException unreadable) {
        void handTo(CircuitReader reader) {
            if (record != null) {
                reader.read(record);
            } else if (unreadable != null) {
                reader.unreadable(unreadable);
            }
        }

        CircuitRecord orThrow() {
            if (unreadable != null) {
                throw unreadable;
            }
            return Objects.requireNonNull(record);
        }
    }

    private Row read(ResultSet row) throws SQLException {
        String organization = row.getString("organization_id");
        String name = row.getString("agent_id");
        try {
            return new Row(record(row), null);
        } catch (SQLException failed) {
            if (failed.getSQLState() != null && failed.getSQLState().startsWith(CONNECTION_LOST)) {
                throw failed;
            }
            return unreadable(organization, name, failed);
        } catch (RuntimeException failed) {
            return unreadable(organization, name, failed);
        }
    }

    private static Row unreadable(String organization, String name, Exception why) {
        String place = "its row in the table circuit_breaker_state";
        return new Row(null, new UnreadableRecordException(organization, name, place, why));
    }

    private CircuitRecord record(ResultSet row) throws SQLException {
        Dialect dialect = database.dialect();
        return new CircuitRecord(
                row.getString("organization_id"),
                row.getString("agent_id"),
                row.getString("state"),
                row.getLong("epoch"),
                row.getInt("failure_count"),
                row.getInt("success_count"),
                row.getInt("consecutive_failures"),
                row.getInt("openings"),
                row.getInt("failed_trials"),
                dialect.time(row, "last_failure_at"),
                Objects.requireNonNull(dialect.time(row, "last_state_change_at")),
                dialect.time(row, "opened_at"),
                dialect.time(row, "cooldown_until"),
                row.getString("hold") != null,
                dialect.time(row, "hold_until"),
                row.getString("actor"),
                row.getString("reason"),
                row.getString("policy"),
                row.getLong("writer"),
                opening(row));
    }

    /** An older version writes a row without this: then it is that of an earlier epoch. */
    private static @Nullable OpeningRecord opening(ResultSet row) throws SQLException {
        String cause = row.getString("opening_cause");
        if (cause == null || row.getLong("opening_epoch") != row.getLong("epoch")) {
            return null;
        }
        return new OpeningRecord(
                cause, row.getString("opening_kind"), row.getString("opening_actor"), row.getString("opening_reason"));
    }
}
