package dev.interlock.jdbc;

import dev.interlock.CircuitId;
import dev.interlock.monitor.CallFigures;
import dev.interlock.monitor.SeriesRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * What agents' calls came to, in a database: of each process that counts, so that those of several add up and one that is
 * started again continues. Noting waits for nothing: up to 200,000 rows wait for the database; beyond that the oldest are
 * lost. Safe for use by any thread.
 */
public final class SeriesHistory implements AutoCloseable {
    /** For how long there are figures a minute: a day, and some time to read it in. */
    public static final Duration MINUTES_KEPT = Duration.ofHours(26);

    /** For how long there are figures an hour. */
    public static final Duration HOURS_KEPT = Duration.ofDays(31);

    private static final FairQueue.Bounds BOUNDS = new FairQueue.Bounds(200_000, 32L << 20);
    private static final int ROW_CHARACTERS = 80;

    private final Connections database;
    private final long process;
    private final Losses losses;
    private final RowWriter<SeriesRow> writer;

    SeriesHistory(Connections database, long process) {
        this.database = database;
        this.process = process;
        this.losses = new Losses("Rows of what agents' calls came to never reached the database", Instant::now);
        this.writer = new RowWriter<>(
                "interlock-series-writer",
                BOUNDS,
                row -> row.agent().organization(),
                row -> ROW_CHARACTERS,
                losses,
                this::write);
    }

    /**
     * Notes rows of this process.
     *
     * @param rows each replaces the one before of the same agent, length and start
     */
    public void note(Collection<SeriesRow> rows) {
        writer.add(rows);
    }

    /**
     * What an agent's calls came to, of all processes together.
     *
     * @param agent which
     * @param length {@link SeriesRow#MINUTES} for figures a minute, {@link SeriesRow#HOUR} for figures an hour
     * @param since only figures of this time and later ones
     * @param here what this process remembers; counts in place of what it has stored
     * @return figures by the minute with which each begins, counted from 1970; times without calls are left out
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached
     */
    public SortedMap<Long, CallFigures> of(CircuitId agent, int length, Instant since, List<SeriesRow> here) {
        long first = Math.floorDiv(since.getEpochSecond() / TimeUnit.MINUTES.toSeconds(1), length) * length;
        SortedMap<Long, CallFigures> sums = new TreeMap<>();
        Set<Long> known = new HashSet<>();
        for (SeriesRow row : here) {
            if (row.length() == length && row.start() >= first) {
                known.add(row.start());
                row.read((start, figures) -> add(sums, start, figures));
            }
        }
        database.read(handle -> handle.createQuery("""
                        SELECT starts_at, writer, figures FROM agent_series
                        WHERE minutes = :minutes AND starts_at >= :since AND organization_id = :organization
                            AND agent_id = :agent
                        """)
                        .bind("minutes", length)
                        .bind("since", first)
                        .bind("organization", agent.organization())
                        .bind("agent", agent.name())
                        .map((row, context) -> {
                            long start = row.getLong("starts_at");
                            return row.getLong("writer") == process && known.contains(start)
                                    ? new SeriesRow(agent, length, start, new byte[0])
                                    : new SeriesRow(agent, length, start, row.getBytes("figures"));
                        })
                        .list())
                .forEach(row -> row.read((start, figures) -> add(sums, start, figures)));
        return sums;
    }

    /**
     * Rows that never reached the database.
     *
     * @return how many since the start
     */
    public long lostRows() {
        return losses.total();
    }

    /**
     * Waits until every row that was noted up to now is in the database.
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

    private static void add(SortedMap<Long, CallFigures> sums, long start, CallFigures figures) {
        sums.computeIfAbsent(start, fresh -> new CallFigures()).add(figures);
    }

    private int write(List<SeriesRow> rows) {
        return database.writeBehindOthers(rows, (handle, some) -> {
            try (PreparedBatch batch = handle.prepareBatch("""
                    INSERT INTO agent_series (minutes, starts_at, organization_id, agent_id, writer, figures)
                    VALUES (:minutes, :start, :organization, :agent, :writer, :figures)
                    ON CONFLICT (minutes, starts_at, organization_id, agent_id, writer)
                    DO UPDATE SET figures = excluded.figures
                    """)) {
                some.forEach(row -> batch.bind("minutes", row.length())
                        .bind("start", row.start())
                        .bind("organization", row.agent().organization())
                        .bind("agent", row.agent().name())
                        .bind("writer", process)
                        .bind("figures", row.figures())
                        .add());
                batch.execute();
            }
        });
    }
}
