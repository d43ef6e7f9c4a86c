package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is logged, when it is sent, and what becomes of it when the other side is away; by hand, without a thread. */
class AgentLoggerTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final List<LogBatch> batches = new ArrayList<>();
    private final List<String> reports = new ArrayList<>();
    private RuntimeException trouble;
    private Shipper shipper;

    private AgentLogger logger(int bufferSize) {
        AgentLogger.Builder builder = AgentLogger.to(this::take)
                .time(time)
                .bufferSize(bufferSize)
                .onLost((entries, why) -> reports.add(entries + ": " + why));
        shipper = builder.shipper(new Backoff(() -> 0.0));
        return builder.build(shipper);
    }

    private Receipt take(LogBatch batch) {
        if (trouble != null) {
            throw trouble;
        }
        batches.add(batch);
        return Receipt.ofAll(batch.entries().size());
    }

    private List<LogEntry> sent() {
        return batches.stream().flatMap(batch -> batch.entries().stream()).toList();
    }

    private List<LogEntry> flushed(AgentLogger logger) {
        logger.flush();
        shipper.step();
        return sent();
    }

    @Test
    void a_run_logs_what_its_agent_did_under_one_id() throws IOException {
        AgentLogger logger = logger(100);
        try (Execution run = logger.execution("planner")) {
            Action call = run.llmInference("kimi-k2")
                    .input("plan my day")
                    .tokens(812)
                    .costUsd(0.0031)
                    .with("attempt", 1);
            time.advance(Duration.ofMillis(1_500));
            call.output("sleep").succeed();
            assertThat(run.toolCall("search").call(() -> "found")).isEqualTo("found");
            run.decision("route", "by train, since it is cheaper");
            run.error(new IOException("connection reset"));
            run.custom("retrieval").cancel();
            List<LogEntry> entries = flushed(logger);
            assertThat(entries).extracting(LogEntry::executionId).containsOnly(run.id());
            assertThat(entries).extracting(LogEntry::agentId).containsOnly("planner");
            assertThat(entries)
                    .extracting(LogEntry::entryId)
                    .doesNotHaveDuplicates()
                    .doesNotContainNull();
            assertThat(entries)
                    .extracting(LogEntry::actionType)
                    .containsExactly(
                            ActionType.LLM_INFERENCE,
                            ActionType.TOOL_CALL,
                            ActionType.DECISION,
                            ActionType.ERROR,
                            ActionType.CUSTOM);
            LogEntry inference = entries.get(0);
            assertThat(inference.latencyMs()).isEqualTo(1_500);
            assertThat(inference.timestamp()).as("the start").isEqualTo(new ManualTimeSource().wallTime());
            assertThat(inference.tokenCount()).isEqualTo(812);
            assertThat(inference.costUsd()).isEqualTo(0.0031);
            assertThat(inference.metadata()).containsOnly(Map.entry("attempt", 1));
            assertThat(entries.get(3).errorKind()).isEqualTo(FailureKind.CONNECTION);
            assertThat((String) entries.get(3).metadata().get("stack_trace"))
                    .startsWith("java.io.IOException: connection reset\n\tat ");
            assertThat(entries.get(4).status()).isEqualTo(EntryStatus.CANCELLED);
        }
    }

    @Test
    void a_call_that_throws_is_a_failure_of_its_kind_and_still_throws() {
        AgentLogger logger = logger(100);
        Execution run = logger.execution("planner");
        assertThatThrownBy(() -> run.toolCall("search").call(() -> {
                    throw new java.net.SocketTimeoutException("ask ada@example.com");
                }))
                .isInstanceOf(java.net.SocketTimeoutException.class);
        try (Action forgotten = run.toolCall("search")) {
            forgotten.input("x");
        }
        List<LogEntry> entries = flushed(logger);
        assertThat(entries.get(0).errorKind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(entries.get(0).toString()).contains("[redacted:mail]").doesNotContain("ada@example.com");
        assertThat(entries.get(1).errorKind()).as("closed unsettled").isEqualTo(FailureKind.ERROR);
    }

    @Test
    void an_action_is_logged_once_however_often_it_is_settled() {
        AgentLogger logger = logger(100);
        try (Action call = logger.execution("planner").toolCall("search")) {
            call.succeed();
            call.fail(FailureKind.TIMEOUT, "late");
        }
        assertThat(flushed(logger))
                .hasSize(1)
                .first()
                .extracting(LogEntry::status)
                .isEqualTo(EntryStatus.SUCCESS);
    }

    @Test
    void guarded_calls_and_transitions_are_marked_and_refusals_are_downstream_open() {
        AgentLogger logger = logger(100);
        CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.defaults())
                .time(time)
                .executor(Runnable::run)
                .listener(logger.circuits())
                .build();
        Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2");
        Execution run = logger.execution("planner");
        run.llmInference("kimi-k2").guardedBy(planner).call(() -> "fine");
        circuits.getOrCreate(planner.id())
                .override(ManualOverride.of(OverrideAction.OPEN, "ada").because("ada@example.com asked"));
        assertThatThrownBy(() -> run.llmInference("kimi-k2").guardedBy(planner).call(() -> "never"))
                .isInstanceOf(CircuitOpenException.class);
        List<LogEntry> entries = flushed(logger);
        assertThat(entries).extracting(LogEntry::guarded).containsExactly(true, true, true);
        assertThat(entries.get(0).metadata()).containsEntry("depends_on", List.of("model:kimi-k2"));
        assertThat(entries.get(1).actionName()).isEqualTo("circuit_transition");
        assertThat(entries.get(1).metadata())
                .containsEntry("from", "closed")
                .containsEntry("to", "open")
                .containsEntry("actor", "ada")
                .containsEntry("reason", "[redacted:mail] asked");
        assertThat(entries.get(2).errorKind()).isEqualTo(FailureKind.DOWNSTREAM_OPEN);
        circuits.close();
    }

    @Test
    void a_batch_goes_at_fifty_entries_or_after_five_seconds() {
        AgentLogger logger = logger(1_000);
        Execution run = logger.execution("planner");
        for (int i = 0; i < 49; i++) {
            run.decision("a", "b");
        }
        shipper.step();
        assertThat(batches).isEmpty();
        run.decision("a", "b");
        shipper.step();
        assertThat(sent()).hasSize(50);
        run.decision("a", "b");
        time.advance(Duration.ofMillis(4_999));
        assertThat(shipper.step()).isEqualTo(Duration.ofMillis(1).toNanos());
        assertThat(sent()).hasSize(50);
        time.advance(Duration.ofMillis(1));
        shipper.step();
        assertThat(sent()).hasSize(51);
        assertThat(batches.get(1).sentAt()).isEqualTo(time.wallTime());
    }

    @Test
    void a_batch_is_sent_again_with_growing_waits_and_as_late_as_was_asked() {
        AgentLogger logger = logger(1_000);
        trouble = new SinkUnavailableException("away", null, null);
        logger.execution("planner").decision("a", "b");
        logger.flush();
        assertThat(shipper.step()).isEqualTo(Duration.ofMillis(250).toNanos());
        time.advance(Duration.ofMillis(250));
        assertThat(shipper.step()).isEqualTo(Duration.ofMillis(500).toNanos());
        trouble = new SinkUnavailableException("busy", Duration.ofSeconds(7), null);
        time.advance(Duration.ofMillis(500));
        assertThat(shipper.step()).isEqualTo(Duration.ofSeconds(7).toNanos());
        trouble = null;
        time.advance(Duration.ofMillis(6_999));
        shipper.step();
        assertThat(batches).isEmpty();
        time.advance(Duration.ofMillis(1));
        shipper.step();
        assertThat(sent()).hasSize(1);
        assertThat(logger.figures()).isEqualTo(new LogFigures(1, 1, 0, 0, 0));
        assertThat(reports).isEmpty();
    }

    @Test
    void a_full_buffer_loses_the_oldest_and_says_so_once_a_minute() {
        AgentLogger logger = logger(10);
        trouble = new SinkUnavailableException("away", null, null);
        Execution run = logger.execution("planner");
        for (int i = 0; i < 25; i++) {
            run.decision("n", "number " + i);
        }
        shipper.step();
        assertThat(reports).containsExactly("15: the buffer is full");
        run.decision("n", "number 25");
        time.advance(Duration.ofSeconds(59));
        shipper.step();
        trouble = null;
        time.advance(Duration.ofMinutes(1));
        shipper.step();
        assertThat(logger.figures().logged())
                .isEqualTo(logger.figures().accepted() + logger.figures().lost());
        assertThat(sent()).last().extracting(LogEntry::outputSummary).isEqualTo("number 25");
        assertThat(reports).hasSize(2);
    }

    @Test
    void a_batch_that_will_never_be_taken_is_lost_and_the_next_one_goes() {
        AgentLogger logger = logger(1_000);
        trouble = new IllegalStateException("The server answered 401: no key");
        logger.execution("planner").decision("a", "b");
        flushed(logger);
        assertThat(reports).containsExactly("1: The server answered 401: no key");
        trouble = null;
        logger.execution("planner").decision("a", "b");
        assertThat(flushed(logger)).hasSize(1);
    }

    @Test
    void what_the_caller_changes_afterwards_is_not_logged() {
        AgentLogger logger = logger(1_000);
        List<String> list = new ArrayList<>(List.of("before"));
        logger.execution("planner").decision("a", "b", Map.of("list", list));
        list.add("after");
        assertThat(flushed(logger).get(0).metadata()).containsEntry("list", List.of("before"));
    }

    @Test
    void closing_sends_what_waits_and_what_comes_later_is_lost() {
        AgentLogger logger = AgentLogger.to(this::take)
                .onLost((n, why) -> reports.add(n + ": " + why))
                .build();
        logger.execution("planner").decision("a", "b");
        logger.close();
        assertThat(sent()).hasSize(1);
        logger.execution("planner").decision("a", "b");
        assertThat(logger.figures()).isEqualTo(new LogFigures(2, 1, 0, 1, 0));
    }

    @Test
    void closing_ends_although_the_other_side_is_away() {
        trouble = new SinkUnavailableException("away", null, null);
        AgentLogger logger = AgentLogger.to(this::take)
                .closeTimeout(Duration.ofMillis(20))
                .onLost((n, why) -> reports.add(n + ": " + why))
                .build();
        logger.execution("planner").decision("a", "b");
        logger.close();
        assertThat(reports).containsExactly("1: the log was closed before they could be delivered");
    }
}
