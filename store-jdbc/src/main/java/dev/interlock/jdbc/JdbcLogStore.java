package dev.interlock.jdbc;

import dev.interlock.FailureKind;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.EntryJson;
import dev.interlock.monitor.EntryStatus;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogPage;
import dev.interlock.monitor.LogQuery;
import dev.interlock.monitor.LogRow;
import dev.interlock.monitor.LogStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * The agent log in a database. Appending waits for nothing: up to 50,000 rows or 64 Mi characters wait for the database
 * and are written in batches; beyond that the oldest are lost, and counted.
 */
public final class JdbcLogStore implements LogStore, AutoCloseable {
    private static final RowWriter.Bounds BOUNDS = new RowWriter.Bounds(50_000, 64L << 20);
    private static final int ROW_CHARACTERS = 400;
    private static final String INSERT = """
            INSERT INTO agent_execution_logs (organization_id, entry_id, execution_id, agent_id, action_type, action_name,
                input_summary, output_summary, status, error_message, error_kind, latency_ms, token_count, cost_usd,
                metadata, timestamp, started_at, received_at, guarded)
            VALUES (:organization, :entry, :execution, :agent, :type, :name, :input, :output, :status, :message, :kind,
                :latency, :tokens, :cost, :metadata, :timestamp, :started, :received, :guarded)
            ON CONFLICT DO NOTHING
            """;

    private final Database database;
    private final Supplier<Instant> clock;
    private final RowWriter<LogRow> writer;

    JdbcLogStore(Database database, Supplier<Instant> clock) {
        this.database = database;
        this.clock = clock;
        this.writer = new RowWriter<>("interlock-log-writer", BOUNDS, JdbcLogStore::characters, this::write);
    }

    @Override
    public void append(List<LogRow> rows) {
        writer.add(rows);
    }

    @Override
    public LogPage find(LogQuery query) {
        StringBuilder sql =
                new StringBuilder("SELECT * FROM agent_execution_logs WHERE organization_id = :organization");
        long before = place(query.after());
        and(sql, "agent_id = :agent", query.agentId());
        and(sql, "execution_id = :execution", query.executionId());
        and(sql, "action_type = :type", query.actionType());
        and(sql, "status = :status", query.status());
        sql.append(" AND id < :before ORDER BY id DESC LIMIT :limit");
        List<Found> found = database.read(handle -> {
            Query statement = handle.createQuery(sql.toString())
                    .bind("organization", query.organization())
                    .bind("before", before)
                    .bind("limit", query.limit() + 1);
            bind(statement, "agent", query.agentId());
            bind(statement, "execution", query.executionId());
            bind(
                    statement,
                    "type",
                    query.actionType() == null ? null : query.actionType().wireName());
            bind(
                    statement,
                    "status",
                    query.status() == null ? null : query.status().wireName());
            return statement
                    .map((row, context) -> new Found(row.getLong("id"), row(row)))
                    .list();
        });
        List<Found> page = found.subList(0, Math.min(found.size(), query.limit()));
        String next = found.size() > page.size()
                ? Long.toString(page.get(page.size() - 1).id())
                : null;
        return new LogPage(page.stream().map(Found::row).toList(), next);
    }

    /**
     * The entries that came in lately, so that one who starts anew knows them again.
     *
     * @param since only those that came in later
     * @param most at most so many, the newest
     * @param reader is given organization and entry id of each
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached
     */
    public void recentEntries(Instant since, int most, BiConsumer<String, String> reader) {
        database.read(handle -> {
            handle.createQuery("""
                            SELECT organization_id, entry_id FROM agent_execution_logs
                            WHERE received_at > :since AND entry_id IS NOT NULL ORDER BY received_at DESC LIMIT :most
                            """)
                    .bind("since", database.dialect().time(since))
                    .bind("most", most)
                    .map((row, context) -> new String[] {row.getString(1), row.getString(2)})
                    .useIterator(rows -> rows.forEachRemaining(row -> reader.accept(row[0], row[1])));
            return true;
        });
    }

    /**
     * Rows that never reached the database.
     *
     * @return how many since the start
     */
    public long lostRows() {
        return writer.lost();
    }

    /**
     * Rows that wait for the database.
     *
     * @return how many
     */
    public int backlog() {
        return writer.backlog();
    }

    /**
     * Whether the database took the rows that were last brought to it.
     *
     * @return false while it is away
     */
    public boolean isAvailable() {
        return writer.isAvailable();
    }

    /**
     * Whether rows come faster than a database that is there takes them: who can send them later should.
     *
     * @return true when three quarters of the room are taken; false while the database is away
     */
    public boolean isBehind() {
        return writer.isAvailable() && writer.backlog() > BOUNDS.rows() / 4 * 3;
    }

    /**
     * Waits until every row that was appended up to now is in the database.
     *
     * @param atMost how long to wait
     * @return false if that took longer
     */
    public boolean flush(Duration atMost) {
        return writer.flush(atMost);
    }

    /** Writes what waits, for at most 5 s. */
    @Override
    public void close() {
        writer.close();
    }

    private record Found(long id, LogRow row) {}

    private void write(List<LogRow> rows) {
        Instant received = clock.get();
        database.write(handle -> {
            PreparedBatch batch = handle.prepareBatch(INSERT);
            rows.forEach(row -> bind(batch, row, received).add());
            return batch.execute();
        });
    }

    private PreparedBatch bind(PreparedBatch batch, LogRow row, Instant received) {
        LogEntry entry = row.entry();
        Dialect dialect = database.dialect();
        return batch.bind("organization", row.organization())
                .bind("entry", entry.entryId())
                .bind("execution", entry.executionId())
                .bind("agent", entry.agentId())
                .bind("type", entry.actionType().wireName())
                .bind("name", entry.actionName())
                .bind("input", entry.inputSummary())
                .bind("output", entry.outputSummary())
                .bind("status", entry.status().wireName())
                .bind("message", entry.errorMessage())
                .bind(
                        "kind",
                        entry.errorKind() == null ? null : entry.errorKind().name())
                .bind("latency", entry.latencyMs())
                .bind("tokens", entry.tokenCount())
                .bind("cost", entry.costUsd())
                .bind("metadata", EntryJson.write(entry.metadata()))
                .bind("guarded", entry.guarded())
                .bindByType("timestamp", dialect.time(entry.timestamp()), dialect.timeType())
                .bindByType("started", dialect.time(row.startedAt()), dialect.timeType())
                .bindByType("received", dialect.time(received), dialect.timeType());
    }

    private LogRow row(ResultSet row) throws SQLException {
        Dialect dialect = database.dialect();
        String kind = row.getString("error_kind");
        LogEntry entry = LogEntry.builder(
                        row.getString("agent_id"),
                        Objects.requireNonNull(ActionType.ofWireName(row.getString("action_type"))),
                        Objects.requireNonNull(dialect.time(row, "timestamp")))
                .entryId(row.getString("entry_id"))
                .executionId(row.getString("execution_id"))
                .actionName(row.getString("action_name"))
                .inputSummary(row.getString("input_summary"))
                .outputSummary(row.getString("output_summary"))
                .status(Objects.requireNonNull(EntryStatus.ofWireName(row.getString("status"))))
                .errorMessage(row.getString("error_message"))
                .errorKind(kind == null ? null : FailureKind.valueOf(kind))
                .latencyMs(number(row, "latency_ms"))
                .tokenCount(number(row, "token_count"))
                .costUsd(fraction(row, "cost_usd"))
                .metadata(EntryJson.read(row.getString("metadata")))
                .guarded(row.getBoolean("guarded"))
                .build();
        return new LogRow(
                row.getString("organization_id"), Objects.requireNonNull(dialect.time(row, "started_at")), entry);
    }

    static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Double fraction(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    private static void and(StringBuilder sql, String condition, @Nullable Object value) {
        if (value != null) {
            sql.append(" AND ").append(condition);
        }
    }

    private static void bind(Query query, String name, @Nullable String value) {
        if (value != null) {
            query.bind(name, value);
        }
    }

    private static long place(@Nullable String after) {
        try {
            return after == null ? Long.MAX_VALUE : Long.parseLong(after);
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(
                    "A page goes on after what the page before named as next, but was given '" + after + "'", none);
        }
    }

    private static int characters(LogRow row) {
        LogEntry entry = row.entry();
        int sum = ROW_CHARACTERS + length(entry.inputSummary()) + length(entry.outputSummary());
        return sum + length(entry.errorMessage()) + characters(entry.metadata().values());
    }

    /** About how much metadata is, whatever hangs below it. */
    private static int characters(Iterable<? extends @Nullable Object> values) {
        List<@Nullable Object> left = new ArrayList<>();
        values.forEach(left::add);
        int sum = 0;
        while (!left.isEmpty()) {
            Object value = left.remove(left.size() - 1);
            sum += 16;
            if (value instanceof String text) {
                sum += text.length();
            } else if (value instanceof Iterable<?> many) {
                many.forEach(left::add);
            } else if (value instanceof Map<?, ?> map) {
                left.addAll(map.keySet());
                left.addAll(map.values());
            }
        }
        return sum;
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
