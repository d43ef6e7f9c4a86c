package dev.interlock.monitor;

import static dev.interlock.monitor.Watch.AGENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.OverrideAction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogProcessorTest {
    private final Watch watch = new Watch();

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void a_batch_that_is_sent_twice_counts_once() {
        LogEntry[] batch = new LogEntry[4];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = watch.failed().toBuilder().entryId("entry-" + i).build();
        }
        assertThat(watch.send(batch)).isEqualTo(Receipt.ofAll(4));
        watch.pass(14 * 60);
        assertThat(watch.send(batch)).isEqualTo(Receipt.ofAll(4));

        assertThat(watch.circuit().figures().consecutiveFailures()).isEqualTo(4);
        assertThat(rows()).hasSize(4);
    }

    @Test
    void an_id_of_another_organization_is_another_id() {
        LogEntry entry = watch.failed().toBuilder().entryId("1").build();
        watch.send(entry);
        watch.processor.take(new LogBatch("other", watch.time.wallTime(), List.of(entry)));

        assertThat(watch.circuits
                        .snapshot(new CircuitId("other", "agent"))
                        .figures()
                        .calls())
                .isEqualTo(1);
    }

    @Test
    void guarded_entries_are_stored_and_feed_nothing() {
        for (int i = 0; i < 9; i++) {
            watch.send(watch.failed().toBuilder().guarded(true).build());
        }
        watch.pass(1);

        assertThat(watch.circuit().figures().calls()).isZero();
        assertThat(watch.monitor.judged(AGENT)).isNull();
        assertThat(rows()).hasSize(9);
    }

    @Test
    void what_is_only_noted_is_stored_and_feeds_nothing_whatever_it_says() {
        LogEntry entry = watch.failed().toBuilder().entryId("noted").build();
        assertThat(watch.processor.isNew("default", "noted")).isTrue();
        assertThat(watch.processor.isNew("default", "noted")).isFalse();
        Receipt receipt = watch.processor.note(new LogBatch(
                null,
                watch.time.wallTime(),
                List.of(entry, entry.toBuilder().latencyMs(Long.MAX_VALUE).build())));
        watch.pass(1);

        assertThat(receipt.accepted()).isEqualTo(1);
        assertThat(receipt.refused()).extracting(Receipt.Refusal::index).containsExactly(1);
        assertThat(watch.circuit().figures().calls()).isZero();
        assertThat(watch.monitor.judged(AGENT)).isNull();
        assertThat(rows()).hasSize(1);
    }

    @Test
    void decisions_and_whatever_else_are_no_outcomes() {
        watch.send(
                LogEntry.builder("agent", ActionType.DECISION, watch.time.wallTime())
                        .status(EntryStatus.FAILURE)
                        .build(),
                LogEntry.builder("agent", ActionType.CUSTOM, watch.time.wallTime())
                        .build());

        assertThat(watch.circuit().figures().calls()).isZero();
        assertThat(rows()).hasSize(2);
    }

    @Test
    void an_error_counts_where_its_execution_has_no_failure() {
        watch.send(error("run-1"));
        assertThat(failures()).isEqualTo(1);
        watch.send(error("run-1"));
        assertThat(failures()).isEqualTo(1);

        watch.send(failedIn("run-2"));
        watch.send(error("run-2"));
        assertThat(failures()).isEqualTo(2);

        watch.send(error("run-3"), failedIn("run-3"));
        assertThat(failures()).isEqualTo(3);

        watch.send(failedIn("run-4").toBuilder().guarded(true).build(), error("run-4"));
        assertThat(failures()).isEqualTo(3);
    }

    @Test
    void an_error_without_an_execution_counts() {
        watch.send(error(null), error(null));

        assertThat(failures()).isEqualTo(2);
    }

    @Test
    void a_bad_entry_is_refused_alone_with_its_index() {
        LogEntry good = watch.failed();
        Receipt receipt = watch.send(
                good,
                LogEntry.builder("a".repeat(300), ActionType.TOOL_CALL, good.timestamp())
                        .build(),
                good.toBuilder().entryId("e".repeat(257)).build(),
                good,
                LogEntry.builder("agent", ActionType.TOOL_CALL, Instant.MIN).build(),
                good.toBuilder().latencyMs(Long.MAX_VALUE).build());

        assertThat(receipt.accepted()).isEqualTo(2);
        assertThat(receipt.refused()).extracting(Receipt.Refusal::index).containsExactly(1, 2, 4, 5);
        assertThat(receipt.refused().get(0).problem()).contains("at most 256 characters", "300");
        assertThat(receipt.refused().get(1).problem())
                .isEqualTo("entry_id may have at most 256 characters, but this one has 257");
        assertThat(receipt.refused().get(2).problem()).contains("timestamp");
        assertThat(receipt.refused().get(3).problem()).contains("latency_ms");
        assertThat(failures()).isEqualTo(2);
    }

    @Test
    void a_batch_for_no_organization_or_of_no_time_is_refused_as_a_whole() {
        assertThatThrownBy(() -> watch.processor.take(new LogBatch(" ", null, List.of(watch.failed()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("organization");
        assertThatThrownBy(() -> watch.processor.take(new LogBatch(null, Instant.MAX, List.of(watch.failed()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sent_at");
    }

    /** The calls began before the closing: they are late, whatever their sender's clock says. */
    @ParameterizedTest
    @ValueSource(longs = {-3_600, -240, 0, 240, 3_600})
    void a_clock_that_is_off_is_corrected_by_the_time_of_sending(long secondsAhead) {
        watch.skew = Duration.ofSeconds(secondsAhead);
        LogEntry began = watch.call(Duration.ofSeconds(20)).build();
        watch.pass(1).order(OverrideAction.RESET);
        watch.pass(1).send(began, began);
        assertThat(watch.circuit().late()).isEqualTo(2);
        assertThat(watch.circuit().figures().calls()).isZero();

        watch.pass(30).succeed(5).fail(5);
        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(rows().get(0).startedAt()).isEqualTo(watch.time.wallTime().minusSeconds(1));
        assertThat(watch.pass(1).status()).isEqualTo(HealthStatus.CRITICAL);
    }

    @ParameterizedTest
    @ValueSource(longs = {-86_400, -3_600, -10, 0, 10, 3_600})
    void a_batch_that_does_not_say_when_it_was_sent_opens_the_circuit_all_the_same(long secondsAhead) {
        watch.skew = Duration.ofSeconds(secondsAhead);
        LogEntry failed = watch.failed();
        LogEntry good = watch.call(Duration.ofSeconds(1)).build();
        watch.processor.take(new LogBatch(
                null, null, List.of(good, good, good, good, good, failed, failed, failed, failed, failed)));
        watch.pass(1);

        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.status()).isEqualTo(HealthStatus.CRITICAL);
    }

    @Test
    void what_is_sent_long_after_it_ended_is_stored_and_moves_no_circuit() {
        LogEntry old = watch.failed();
        watch.pass(20 * 60).send(old, old, old, old, old, old);
        watch.pass(1);

        assertThat(watch.moves).isEmpty();
        assertThat(rows()).hasSize(6);
        assertThat(watch.monitor.snapshot(AGENT).figures().calls()).isZero();
        assertThat(watch.monitor.snapshot(AGENT).figures().hourFailures()).isEqualTo(6);
    }

    @Test
    void agents_are_known_at_first_sight_with_what_they_depend_on() {
        Instant now = watch.time.wallTime();
        watch.send(
                watch.call(Duration.ZERO).actionName("kimi-k2").build(),
                watch.call(Duration.ZERO)
                        .actionName("plan")
                        .metadata(Map.of("model", "glm"))
                        .build(),
                LogEntry.builder("agent", ActionType.TOOL_CALL, now)
                        .actionName("search")
                        .guarded(true)
                        .build());
        Agent agent = watch.agents.find(AGENT);

        assertThat(agent).isNotNull();
        assertThat(agent.dependencies()).containsExactly("model:glm", "model:kimi-k2", "tool:search");
        assertThat(agent.firstSeen()).isEqualTo(now);
        assertThat(watch.agents.dependents(CircuitId.of("tool:search"))).containsExactly(agent);
        assertThat(watch.agents.takeChanged())
                .as("what an agent uses is an agent, too")
                .extracting(changed -> changed.id().name())
                .containsExactlyInAnyOrder("agent", "model:glm", "model:kimi-k2", "tool:search");
        assertThat(watch.agents.takeChanged()).isEmpty();

        watch.agents.register(AGENT, "The agent", Map.of("team", "blue"), now);
        assertThat(watch.agents.find(AGENT).dependencies()).hasSize(3);
        assertThat(watch.agents.find(AGENT).displayName()).isEqualTo("The agent");
    }

    @Test
    void the_registry_is_bounded_in_agents_and_dependencies() {
        AgentRegistry small = new AgentRegistry(100);
        for (int i = 0; i < 1_000; i++) {
            small.sighted(CircuitId.of("agent-" + i), null, Instant.EPOCH.plusSeconds(i));
            small.sighted(CircuitId.of("agent-999"), "tool:" + i, Instant.EPOCH.plusSeconds(2_000));
        }
        assertThat(small.all("default")).hasSizeLessThanOrEqualTo(101);
        assertThat(small.find(CircuitId.of("agent-999")).dependencies()).hasSize(64);
    }

    @Test
    void a_kind_that_trips_opens_at_once() {
        watch.send(watch.failed().toBuilder().errorKind(FailureKind.LOOP).build());

        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void a_store_that_throws_costs_rows_and_nothing_else() {
        LogProcessor processor = new LogProcessor(
                watch.monitor,
                watch.agents,
                new LogStore() {
                    @Override
                    public int append(List<LogRow> rows) {
                        throw new IllegalStateException("away");
                    }

                    @Override
                    public LogPage find(LogQuery query) {
                        return new LogPage(List.of(), null);
                    }
                },
                watch.time);
        processor.take(new LogBatch(null, null, List.of(watch.failed())));

        assertThat(failures()).isEqualTo(1);
        assertThat(processor.lostRows()).isEqualTo(1);
    }

    @Test
    void rows_are_read_in_pages_the_newest_first() {
        for (int i = 0; i < 5; i++) {
            watch.send(watch.call(Duration.ZERO).entryId("e" + i).build());
        }
        LogPage first = watch.store.find(LogQuery.ofAgent("default", "agent", 3));
        LogPage second =
                watch.store.find(new LogQuery("default", "agent", null, null, EntryStatus.SUCCESS, first.next(), 3));

        assertThat(first.rows()).extracting(row -> row.entry().entryId()).containsExactly("e4", "e3", "e2");
        assertThat(second.rows()).extracting(row -> row.entry().entryId()).containsExactly("e1", "e0");
        assertThat(second.next()).isNull();
        assertThat(watch.store.find(LogQuery.ofAgent("other", "agent", 3)).rows())
                .isEmpty();
    }

    private List<LogRow> rows() {
        return watch.store.find(LogQuery.ofAgent("default", "agent", 1_000)).rows();
    }

    private int failures() {
        return watch.circuit().figures().failures();
    }

    private LogEntry error(String run) {
        return LogEntry.builder("agent", ActionType.ERROR, watch.time.wallTime())
                .executionId(run)
                .build();
    }

    private LogEntry failedIn(String run) {
        return watch.failed().toBuilder().executionId(run).build();
    }
}
