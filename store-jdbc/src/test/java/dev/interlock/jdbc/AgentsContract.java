package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.HealthFigures;
import dev.interlock.monitor.HealthIssue;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.monitor.HealthTransition;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogQuery;
import dev.interlock.monitor.LogRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a database keeps of agents, their log and their health, through restarts; each dialect's test extends this. */
abstract class AgentsContract {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");
    private static final CircuitId PLANNER = new CircuitId("acme", "planner");

    private DatabaseSettings settings;
    private Database database;

    /** An empty database. */
    abstract DatabaseSettings empty();

    @BeforeEach
    void start() {
        settings = empty();
        database = Database.open(settings);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void agentsComeBackAsTheyWere() {
        Agent planner = agent(PLANNER, "The planner", Map.of("team", "a \"b\"\nc"), 5, "model:kimi-k2", "tool:search");
        Agent critic = agent(new CircuitId("beta", "critic"), null, Map.of(), 3);
        database.agents().sighted(List.of(planner, critic));
        reopen();

        assertThat(database.agents().all(10)).containsExactly(planner, critic);
    }

    @Test
    void whatIsSeenOfAnAgentLeavesItsName() {
        database.agents().sighted(List.of(agent(PLANNER, null, Map.of(), 5, "model:kimi-k2")));
        database.agents().register(agent(PLANNER, "The planner", Map.of("team", "blue"), 6));
        database.agents().sighted(List.of(agent(PLANNER, null, Map.of(), 9, "model:kimi-k2", "tool:search")));
        database.agents().sighted(List.of(agent(PLANNER, null, Map.of(), 7)));

        assertThat(database.agents().all(10)).singleElement().satisfies(agent -> {
            assertThat(agent.displayName()).isEqualTo("The planner");
            assertThat(agent.metadata()).isEqualTo(Map.of("team", "blue"));
            assertThat(agent.firstSeen()).isEqualTo(NOON);
            assertThat(agent.lastSeen()).isEqualTo(NOON.plusSeconds(9));
            assertThat(agent.dependencies()).containsExactly("model:kimi-k2", "tool:search");
        });
    }

    @Test
    void ofAnOrganizationThoseComeBackThatWereSeenLast() {
        List<Agent> many = new ArrayList<>();
        for (int i = 0; i < 1_200; i++) {
            many.add(agent(new CircuitId("acme", "agent-" + i), null, Map.of(), i));
        }
        database.agents().sighted(many);
        database.agents().sighted(List.of(agent(new CircuitId("beta", "critic"), null, Map.of(), -9)));

        assertThat(database.agents().all(3))
                .extracting(agent -> agent.id().name())
                .containsExactly("agent-1199", "agent-1198", "agent-1197", "critic");
    }

    @Test
    void anEntryThatComesAgainAfterARestartIsStoredOnceAndKnown() {
        try (JdbcLogStore log = database.openLog()) {
            log.append(List.of(row("e1"), row(null)));
        }
        reopen();
        try (JdbcLogStore log = database.openLog()) {
            List<String> known = new ArrayList<>();
            log.recentEntries(Instant.now().minusSeconds(900), 10, (organization, id) -> known.add(organization + id));
            assertThat(known).containsExactly("acmee1");

            log.append(List.of(row("e1"), row("e2")));
            assertThat(log.flush(Duration.ofSeconds(30))).isTrue();
            assertThat(log.find(LogQuery.ofAgent("acme", "planner", 10)).rows())
                    .extracting(row -> row.entry().entryId())
                    .containsExactly("e2", null, "e1");
            assertThat(log.lostRows()).isZero();
        }
    }

    /** Half of a fleet may be of the release before, which knows neither these columns nor the kinds of this one. */
    @Test
    void rowsOfTheReleaseBeforeAreReadAndItStillWritesThem() {
        try (JdbcLogStore log = database.openLog()) {
            log.append(List.of(row("e1")));
            assertThat(log.flush(Duration.ofSeconds(30))).isTrue();
        }
        writeAsTheReleaseBeforeDid("old", "TIMEOUT");
        writeAsTheReleaseBeforeDid("new", "OUT_OF_CHEESE");

        try (JdbcLogStore log = database.openLog()) {
            List<LogEntry> entries = log.find(LogQuery.ofAgent("acme", "planner", 10)).rows().stream()
                    .map(LogRow::entry)
                    .toList();
            assertThat(entries).extracting(LogEntry::entryId).containsExactly("new", "old", "e1");
            assertThat(entries).extracting(LogEntry::errorKind).containsExactly(null, FailureKind.TIMEOUT, null);
            assertThat(entries)
                    .allMatch(entry ->
                            entry.dependsOn().isEmpty() && entry.caller() == null && entry.retryAfterMs() == null);
        }
    }

    private void writeAsTheReleaseBeforeDid(String entry, String kind) {
        Jdbi jdbi = Jdbi.create(settings.url());
        jdbi.useHandle(handle ->
                handle.createUpdate("""
                        INSERT INTO agent_execution_logs (organization_id, entry_id, execution_id, agent_id, action_type,
                            action_name, input_summary, output_summary, status, error_message, error_kind, latency_ms,
                            token_count, cost_usd, metadata, timestamp, started_at, received_at, guarded)
                        SELECT organization_id, :entry, execution_id, agent_id, action_type, action_name, input_summary,
                            output_summary, 'failure', error_message, :kind, latency_ms, token_count, cost_usd, metadata,
                            timestamp, started_at, received_at, guarded
                        FROM agent_execution_logs WHERE entry_id = 'e1'
                        """).bind("entry", entry).bind("kind", kind).execute());
    }

    @Test
    void healthIsListedTheNewestFirst() {
        try (HealthHistory history = database.openHealthHistory()) {
            history.note(health(1, HealthStatus.HEALTHY, 100), null);
            history.note(health(2, HealthStatus.CRITICAL, 25), HealthTransition.Type.CRITICAL_FROM_HEALTHY);
            history.note(health(3, HealthStatus.HEALTHY, 85), null);
        }
        reopen();
        try (HealthHistory history = database.openHealthHistory()) {
            assertThat(history.of("acme", "planner", Instant.EPOCH, 2))
                    .containsExactly(
                            new HealthHistory.Line(NOON.plusSeconds(3), "healthy", 85, null),
                            new HealthHistory.Line(NOON.plusSeconds(2), "critical", 25, "critical_from_healthy"));
            assertThat(history.of("acme", "planner", NOON.plusSeconds(3), 10)).hasSize(1);
            assertThat(history.of("beta", "planner", Instant.EPOCH, 10)).isEmpty();
        }
    }

    @Test
    void whatIsOldIsForgottenAndNamedAgentsAreNot() {
        try (JdbcLogStore log = database.openLog();
                HealthHistory history = database.openHealthHistory()) {
            log.append(List.of(row("e1"), row("e2")));
            history.note(health(1, HealthStatus.HEALTHY, 100), null);
            history.note(health(9, HealthStatus.HEALTHY, 100), null);
            assertThat(log.flush(Duration.ofSeconds(30))).isTrue();
            assertThat(history.flush(Duration.ofSeconds(30))).isTrue();
            database.agents().sighted(List.of(agent(PLANNER, "The planner", Map.of(), 0)));
            database.agents().sighted(List.of(agent(new CircuitId("acme", "old"), null, Map.of(), 0)));
            database.agents().sighted(List.of(agent(new CircuitId("acme", "young"), null, Map.of(), 99)));

            assertThat(database.purgeLog(NOON.plusSeconds(5)))
                    .as("a line of health")
                    .isEqualTo(1);
            assertThat(database.purgeLog(Instant.now().plusSeconds(60))).isEqualTo(3);
            assertThat(log.find(LogQuery.ofAgent("acme", "planner", 10)).rows()).isEmpty();
            assertThat(database.purge(NOON.plusSeconds(50))).isEqualTo(1);
            assertThat(database.agents().all(10))
                    .extracting(agent -> agent.id().name())
                    .containsExactlyInAnyOrder("planner", "young");
        }
    }

    @Test
    void aRowThatTheDatabaseRefusesIsLostAlone() {
        try (JdbcLogStore log = database.openLog()) {
            List<LogRow> rows = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                rows.add(row("e" + i));
            }
            rows.add(
                    7,
                    new LogRow(
                            "acme",
                            Instant.MAX,
                            rows.get(0).entry().toBuilder().entryId("bad").build()));
            log.append(rows);

            assertThat(log.flush(Duration.ofSeconds(30))).isTrue();
            assertThat(log.find(LogQuery.ofAgent("acme", "planner", 100)).rows())
                    .hasSizeGreaterThanOrEqualTo(20);
        }
    }

    private void reopen() {
        database.close();
        database = Database.open(settings);
    }

    private static Agent agent(CircuitId id, String name, Map<String, String> metadata, int second, String... uses) {
        return new Agent(id, name, metadata, NOON, NOON.plusSeconds(second), new TreeSet<>(List.of(uses)));
    }

    private static LogRow row(String id) {
        return new LogRow(
                "acme",
                NOON,
                LogEntry.builder("planner", ActionType.CUSTOM, NOON).entryId(id).build());
    }

    private static HealthSnapshot health(int second, HealthStatus status, int score) {
        return new HealthSnapshot(
                PLANNER,
                NOON.plusSeconds(second),
                score,
                status,
                NOON,
                List.of(new HealthIssue(HealthIssue.Code.SLOW, 15, "p95 latency is 4.0 s")),
                new HealthFigures(8, 5, 5, 5, Duration.ofMillis(4_000), 40, 6),
                null);
    }
}
