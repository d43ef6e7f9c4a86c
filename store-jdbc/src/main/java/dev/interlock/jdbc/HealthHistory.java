package dev.interlock.jdbc;

import dev.interlock.CircuitId;
import dev.interlock.monitor.EntryJson;
import dev.interlock.monitor.HealthFigures;
import dev.interlock.monitor.HealthIssue;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.monitor.HealthTransition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * How agents were, in a database. Noting waits for nothing: up to 50,000 lines wait for the database; beyond that the
 * oldest are lost. Safe for use by any thread.
 */
public final class HealthHistory implements AutoCloseable {
    private static final FairQueue.Bounds BOUNDS = new FairQueue.Bounds(50_000, 16L << 20);
    private static final int LINE_CHARACTERS = 300;

    private final Connections database;
    private final Losses losses;
    private final RowWriter<Noted> writer;

    HealthHistory(Connections database) {
        this.database = database;
        this.losses = new Losses("Lines of how agents were never reached the database", Instant::now);
        this.writer = new RowWriter<>(
                "interlock-health-writer",
                BOUNDS,
                line -> line.snapshot().agent().organization(),
                line -> LINE_CHARACTERS,
                losses,
                this::write);
    }

    /**
     * How an agent was.
     *
     * @param at when
     * @param status such as {@code degraded}
     * @param score 0 to 100
     * @param transition the change that the line is about, such as {@code degrading}, or null
     */
    public record Line(
            Instant at, String status, int score, @Nullable String transition) {}

    /**
     * Notes how an agent is.
     *
     * @param snapshot the agent
     * @param transition the change of its status that led there, or null
     */
    public void note(HealthSnapshot snapshot, HealthTransition.@Nullable Type transition) {
        writer.add(List.of(new Noted(snapshot, transition)));
    }

    /**
     * How an agent was, the newest first.
     *
     * @param organization whose agent
     * @param agent its name
     * @param since only lines from this time on
     * @param limit at most this many
     * @return the lines
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached
     */
    public List<Line> of(String organization, String agent, Instant since, int limit) {
        return database.read(handle -> handle
                .createQuery("""
                        SELECT organization_id, at, status, score, transition FROM agent_health_realtime
                        WHERE organization_id = :organization AND agent_id = :agent AND at >= :since
                        ORDER BY at DESC, id DESC LIMIT :limit
                        """)
                .bind("organization", organization)
                .bind("agent", agent)
                .bind("since", database.dialect().time(since))
                .bind("limit", limit)
                .map((row, context) ->
                        Owned.isOf(organization, row.getString("organization_id"), "agent_health_realtime")
                                ? Optional.of(line(row))
                                : Optional.<Line>empty())
                .list()
                .stream()
                .flatMap(Optional::stream)
                .toList());
    }

    /**
     * How an agent was when its last line was noted, by whichever process.
     *
     * @param agent which
     * @param since only a line of this time or later
     * @return a snapshot without issues; null if there is no such line
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached
     */
    public @Nullable HealthSnapshot last(CircuitId agent, Instant since) {
        Optional<HealthSnapshot> last = database.read(handle -> handle.createQuery("""
                        SELECT * FROM agent_health_realtime
                        WHERE organization_id = :organization AND agent_id = :agent AND at >= :since
                        ORDER BY at DESC, id DESC LIMIT 1
                        """)
                .bind("organization", agent.organization())
                .bind("agent", agent.name())
                .bind("since", database.dialect().time(since))
                .map((row, context) -> snapshot(agent, row))
                .findOne());
        return last.orElse(null);
    }

    private HealthSnapshot snapshot(CircuitId agent, ResultSet row) throws SQLException {
        Instant at = Objects.requireNonNull(database.dialect().time(row, "at"));
        long p95 = row.getLong("p95_ms");
        Duration latency = row.wasNull() ? null : Duration.ofMillis(p95);
        int streak = row.getInt("consecutive_failures");
        HealthFigures figures = new HealthFigures(
                row.getLong("calls"),
                row.getLong("failures"),
                streak,
                streak,
                latency,
                row.getLong("hour_calls"),
                row.getLong("hour_failures"));
        HealthStatus status = HealthStatus.valueOf(row.getString("status").toUpperCase(Locale.ROOT));
        return new HealthSnapshot(agent, at, row.getInt("score"), status, null, List.of(), figures, null);
    }

    /**
     * Lines that never reached the database.
     *
     * @return how many since the start
     */
    public long lostLines() {
        return losses.total();
    }

    /**
     * Waits until every line that was noted up to now is in the database.
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

    private record Noted(HealthSnapshot snapshot, HealthTransition.@Nullable Type transition) {}

    private int write(List<Noted> lines) {
        return database.writeBehindOthers(lines, (handle, some) -> {
            try (PreparedBatch batch = handle.prepareBatch("""
                    INSERT INTO agent_health_realtime (organization_id, agent_id, at, status, score, transition, issues,
                        calls, failures, p95_ms, hour_calls, hour_failures, consecutive_failures)
                    VALUES (:organization, :agent, :at, :status, :score, :transition, :issues, :calls, :failures, :p95,
                        :hourCalls, :hourFailures, :streak)
                    """)) {
                some.forEach(line -> bind(batch, line).add());
                batch.execute();
            }
            EventTable.add(
                    handle,
                    database.dialect(),
                    some.stream()
                            .flatMap(line -> Stream.ofNullable(line.transition())
                                    .flatMap(change -> Stream.ofNullable(WebhookEvent.of(line.snapshot(), change))))
                            .toList());
        });
    }

    private PreparedBatch bind(PreparedBatch batch, Noted line) {
        HealthSnapshot snapshot = line.snapshot();
        HealthFigures figures = snapshot.figures();
        Dialect dialect = database.dialect();
        Map<String, Object> issues = new LinkedHashMap<>();
        for (HealthIssue issue : snapshot.issues()) {
            issues.put(wireName(issue.code()), issue.text());
        }
        return batch.bind("organization", snapshot.agent().organization())
                .bind("agent", snapshot.agent().name())
                .bind("status", wireName(snapshot.status()))
                .bind("score", snapshot.score())
                .bind(
                        "transition",
                        line.transition() == null ? null : line.transition().wireName())
                .bind("issues", EntryJson.write(issues))
                .bind("calls", figures.calls())
                .bind("failures", figures.failures())
                .bind("p95", figures.p95() == null ? null : (Long) figures.p95().toMillis())
                .bind("hourCalls", figures.hourCalls())
                .bind("hourFailures", figures.hourFailures())
                .bind("streak", figures.streak())
                .bindByType("at", dialect.time(snapshot.at()), dialect.timeType());
    }

    private Line line(ResultSet row) throws SQLException {
        return new Line(
                Objects.requireNonNull(database.dialect().time(row, "at")),
                row.getString("status"),
                row.getInt("score"),
                row.getString("transition"));
    }

    private static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
