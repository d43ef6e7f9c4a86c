package dev.interlock.jdbc;

import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogPage;
import dev.interlock.monitor.LogQuery;
import dev.interlock.monitor.LogRow;
import dev.interlock.monitor.LogStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * The agent log in a database. Appending waits for nothing: up to 50,000 rows or 64 Mi characters wait for the database
 * and are written in batches, of each organization some in turn. Who reserves room first loses nothing while the database
 * is there; beyond the room the organization that holds most loses its oldest rows, which is counted and logged.
 *
 * <p>An organization may have a quota of characters a day; rows beyond it are not stored, and are counted.
 */
public final class JdbcLogStore implements LogStore, AutoCloseable {
    private static final FairQueue.Bounds BOUNDS = new FairQueue.Bounds(50_000, 64L << 20);
    private static final int ROW_CHARACTERS = 400;

    private final Connections database;
    private final LogRows rows;
    private final Supplier<Instant> clock;
    private final Losses losses;
    private final DailyQuota quota;
    private final RowWriter<LogRow> writer;

    JdbcLogStore(Connections database, Supplier<Instant> clock, long charactersADay) {
        this.database = database;
        this.rows = new LogRows(database.dialect());
        this.clock = clock;
        this.losses = new Losses("Entries of the agent log never reached the database", clock);
        this.quota = new DailyQuota(charactersADay, clock);
        this.writer = new RowWriter<>(
                "interlock-log-writer", BOUNDS, LogRow::organization, JdbcLogStore::characters, losses, this::write);
    }

    @Override
    public int append(List<LogRow> rows) {
        List<LogRow> kept = new ArrayList<>(rows.size());
        for (LogRow row : rows) {
            if (quota.take(row.organization(), characters(row))) {
                kept.add(row);
            }
        }
        writer.add(kept);
        return rows.size() - kept.size();
    }

    /**
     * Keeps room for entries that are about to be appended. While the database is away there always is: then outcomes
     * matter more than rows.
     *
     * @param organization whose entries
     * @param entries them
     * @return the room, to be closed once they are appended; null if so many of the organization's wait already that it
     *     should send them again later
     */
    public @Nullable Room reserve(String organization, List<LogEntry> entries) {
        long characters = 0;
        for (LogEntry entry : entries) {
            characters += characters(entry);
        }
        return reserve(organization, entries.size(), characters);
    }

    /**
     * Keeps room for a batch that is about to be read, so that none is read for nothing. As {@link #reserve(String, List)}.
     *
     * @param organization whose batch
     * @param characters about how many it will have
     * @return the room, to be closed once its entries are known; null if so many of the organization's wait already that it
     *     should send the batch again later
     */
    public @Nullable Room reserve(String organization, long characters) {
        return reserve(organization, 1, Math.max(characters, ROW_CHARACTERS));
    }

    private @Nullable Room reserve(String organization, int rows, long characters) {
        if (!writer.isAvailable()) {
            return () -> {};
        }
        return writer.reserve(organization, rows, characters)
                ? () -> writer.release(organization, rows, characters)
                : null;
    }

    /** Room that is kept for entries. To be closed once. */
    public interface Room extends AutoCloseable {
        /** Gives it back. */
        @Override
        void close();
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
                    .map((row, context) -> new Found(row.getLong("id"), rows.read(row)))
                    .list();
        });
        List<Found> page = found.subList(0, Math.min(found.size(), query.limit()));
        String next = found.size() > page.size()
                ? Long.toString(page.get(page.size() - 1).id())
                : null;
        List<LogRow> own = Owned.only(
                query.organization(),
                page.stream().map(Found::row).toList(),
                LogRow::organization,
                "agent_execution_logs");
        return new LogPage(own, next);
    }

    /**
     * The entries that came in lately, so that one who starts again knows them.
     *
     * @param since only those that came in later
     * @param most at most this many, the newest
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
     * Rows that never reached the database, though they had been taken over.
     *
     * @return how many since the start
     */
    public long lostRows() {
        return losses.total();
    }

    /**
     * An organization's rows that never reached the database, though they had been taken over.
     *
     * @param organization whose
     * @return how many since the start
     */
    public long lostRows(String organization) {
        return losses.of(organization);
    }

    /**
     * When rows were lost.
     *
     * @return the last time, or null if none were
     */
    public @Nullable Instant lastLost() {
        return losses.latest();
    }

    /**
     * Rows that were not stored, since their organization had used up its quota of the day.
     *
     * @return how many since the start
     */
    public long rowsBeyondQuota() {
        return quota.beyond();
    }

    /**
     * An organization's rows that were not stored, since it had used up its quota of the day.
     *
     * @param organization whose
     * @return how many since the start
     */
    public long rowsBeyondQuota(String organization) {
        return quota.beyond(organization);
    }

    /**
     * When rows were not stored, since their organization had used up its quota of the day.
     *
     * @return the last time, or null if all were stored
     */
    public @Nullable Instant lastBeyondQuota() {
        return quota.lastBeyond();
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

    private int write(List<LogRow> waiting) {
        Instant received = clock.get();
        return database.writeBehindOthers(waiting, (handle, some) -> {
            try (PreparedBatch batch = handle.prepareBatch(LogRows.INSERT)) {
                some.forEach(row -> rows.bind(batch, row, received).add());
                batch.execute();
            }
        });
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
        return characters(row.entry());
    }

    private static int characters(LogEntry entry) {
        int sum = ROW_CHARACTERS + length(entry.inputSummary()) + length(entry.outputSummary());
        return sum
                + length(entry.errorMessage())
                + characters(entry.dependsOn())
                + characters(entry.metadata().values());
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
