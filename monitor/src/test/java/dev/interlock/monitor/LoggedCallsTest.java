package dev.interlock.monitor;

import static dev.interlock.monitor.Watch.AGENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.OverrideAction;
import dev.interlock.TransitionCause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Entries that say what their call depended on, who made it, and when the failing side asked to be called again. */
class LoggedCallsTest {
    private static final CircuitId MODEL = CircuitId.of("model:m");
    private static final CircuitId KEY = CircuitId.of("key:k");

    private final Watch watch = new Watch();

    @BeforeEach
    void start() {
        watch.circuits.putPolicy(
                "model:*",
                CircuitBreakerConfig.builder()
                        .failureThreshold(3)
                        .failureRateThreshold(null)
                        .minCallers(2)
                        .build());
    }

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void a_failure_of_the_model_counts_for_the_model_and_not_for_the_agent() {
        watch.send(call("agent", "one", FailureKind.SERVER_ERROR), call("agent", "other", FailureKind.SERVER_ERROR));
        watch.send(call("agent", "one", FailureKind.SERVER_ERROR));
        watch.pass(1);

        assertThat(of(MODEL).state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.circuit().figures().calls()).isZero();
        assertThat(watch.monitor.snapshot(MODEL).figures().failures()).isEqualTo(3);
        assertThat(watch.monitor.snapshot(AGENT).figures().calls()).isZero();
    }

    @Test
    void a_good_call_counts_for_all_that_it_depended_on() {
        watch.send(watch.call(Duration.ofSeconds(1))
                .dependsOn(List.of("model:m", "key:k"))
                .build());
        watch.pass(1);

        for (CircuitId each : List.of(AGENT, MODEL, KEY)) {
            assertThat(of(each).figures().calls()).as(each.name()).isEqualTo(1);
            assertThat(watch.monitor.snapshot(each).figures().calls())
                    .as(each.name())
                    .isEqualTo(1);
        }
        assertThat(watch.agents.find(AGENT).dependencies()).contains("model:m", "key:k");
    }

    @Test
    void what_only_the_other_callers_keep_from_opening_the_model_counts_for_the_agent_and_its_health() {
        watch.send(call("writer", "writer", null));
        for (int i = 0; i < 7; i++) {
            watch.send(call("agent", null, FailureKind.SERVER_ERROR));
        }
        watch.pass(1);

        assertThat(of(MODEL).state()).isEqualTo(CircuitState.CLOSED);
        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.lastMove().cause()).isEqualTo(TransitionCause.CALLER_ALONE);
        assertThat(watch.monitor.snapshot(AGENT).figures().failures())
                .as("the third to the seventh")
                .isEqualTo(5);
    }

    @Test
    void a_time_out_during_good_calls_of_another_says_nothing_of_the_models_health() {
        for (int i = 0; i < 5; i++) {
            LogEntry slow = watch.call(Duration.ofSeconds(2))
                    .dependsOn(List.of("model:m"))
                    .status(EntryStatus.FAILURE)
                    .errorKind(FailureKind.TIMEOUT)
                    .build();
            watch.send(call("writer", "writer", null), slow);
        }
        watch.pass(1);

        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.monitor.snapshot(AGENT).figures().failures()).isEqualTo(5);
        assertThat(watch.monitor.snapshot(MODEL).figures().calls()).isEqualTo(5);
        assertThat(watch.monitor.snapshot(MODEL).figures().failures()).isZero();
    }

    @Test
    void one_caller_behind_many_agents_is_one_and_many_callers_of_one_agent_are_many() {
        watch.send(call("writer", "team-b", null));
        for (int i = 0; i < 6; i++) {
            watch.send(call("agent-" + i, "team-a", FailureKind.SERVER_ERROR));
        }
        assertThat(of(MODEL).state()).isEqualTo(CircuitState.CLOSED);

        watch.send(call("agent-0", "team-b", FailureKind.SERVER_ERROR));
        assertThat(of(MODEL).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void the_sender_of_a_batch_is_the_caller_of_entries_that_name_none() {
        send("key-1", call("writer", null, null));
        for (int i = 0; i < 6; i++) {
            send("key-2", call("agent-" + i, null, FailureKind.SERVER_ERROR));
        }
        assertThat(of(MODEL).state()).isEqualTo(CircuitState.CLOSED);

        send("key-2", call("writer", "key-1", FailureKind.SERVER_ERROR));
        assertThat(of(MODEL).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void a_wait_is_the_cooldown_of_the_key() {
        watch.send(watch.call(Duration.ofMillis(300))
                .dependsOn(List.of("model:m", "key:k"))
                .status(EntryStatus.FAILURE)
                .errorKind(FailureKind.RATE_LIMITED)
                .retryAfterMs(90_000L)
                .build());

        assertThat(of(KEY).state()).isEqualTo(CircuitState.OPEN);
        assertThat(of(KEY).retryAfter()).isEqualTo(Duration.ofSeconds(90));
        assertThat(of(MODEL).state()).isEqualTo(CircuitState.CLOSED);
        assertThat(watch.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void guarded_entries_and_old_ones_move_no_circuit_of_theirs() {
        LogEntry guarded = call("agent", "one", FailureKind.LOOP).toBuilder()
                .errorKind(FailureKind.MODEL_NOT_FOUND)
                .guarded(true)
                .build();
        LogEntry old = call("agent", "other", FailureKind.SERVER_ERROR);
        watch.send(guarded, guarded);
        watch.pass(20 * 60).send(old, old, old, old);
        watch.pass(1);

        assertThat(of(MODEL).figures().calls()).isZero();
        assertThat(watch.monitor.snapshot(MODEL).figures().hourFailures()).isEqualTo(4);
        assertThat(watch.monitor.snapshot(AGENT).figures().hourFailures()).isZero();
    }

    @Test
    void what_a_guard_of_another_process_has_counted_feeds_health_here_once_and_no_circuit() {
        CircuitBreakerManager elsewhere = CircuitBreakerManager.builder()
                .time(watch.time)
                .executor(Runnable::run)
                .build();
        Guard guard = elsewhere.guard(AGENT).dependingOn("model:m");
        Guard here = watch.circuits.guard(AGENT).dependingOn("model:m");
        try (AgentLogger log = AgentLogger.to(watch.processor).build();
                Execution run = log.execution(AGENT.name())) {
            for (Guard each : List.of(guard, here)) {
                run.llmInference("m").guardedBy(each).call(() -> "good");
                assertThatThrownBy(() -> run.llmInference("m").guardedBy(each).call(() -> {
                            throw new TimeoutException();
                        }))
                        .isInstanceOf(TimeoutException.class);
            }
        }
        elsewhere.close();
        watch.pass(1);

        assertThat(watch.monitor.snapshot(MODEL).figures().calls()).isEqualTo(4);
        assertThat(watch.monitor.snapshot(MODEL).figures().failures()).isEqualTo(2);
        assertThat(watch.monitor.snapshot(AGENT).figures().calls())
                .as("the model's time-outs are not the agent's")
                .isEqualTo(2);
        assertThat(of(MODEL).figures().calls())
                .as("of the guard of this process")
                .isEqualTo(2);
    }

    @Test
    void an_agent_that_fails_in_another_process_is_opened_by_health_and_not_by_what_was_before_it_closed() {
        for (int i = 0; i < 10; i++) {
            watch.send(elsewhere(i < 2 ? null : FailureKind.ERROR));
            watch.pass(10);
        }
        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.lastMove().cause()).isEqualTo(TransitionCause.HEALTH);

        LogEntry before = elsewhere(FailureKind.ERROR);
        watch.order(OverrideAction.CLOSE);
        watch.pass(5);
        for (int i = 0; i < 10; i++) {
            watch.send(before);
        }
        watch.pass(1);
        assertThat(watch.state()).isEqualTo(CircuitState.CLOSED);
        for (int i = 0; i < 10; i++) {
            watch.send(elsewhere(FailureKind.ERROR));
        }
        watch.pass(1);
        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void whose_settlement_was_heard_otherwise_feeds_nothing() {
        watch.processor.leaveOutHeardBy(
                (organization, permit) -> organization.equals("default") && permit.equals("p-1"));
        watch.send(
                elsewhere(null).toBuilder().permit("p-1").build(),
                elsewhere(null).toBuilder().permit("p-2").build(),
                elsewhere(null).toBuilder().permit(null).build());
        watch.pass(1);

        assertThat(watch.monitor.snapshot(AGENT).figures().calls()).isEqualTo(1);
    }

    private LogEntry elsewhere(@Nullable FailureKind kind) {
        return call(AGENT.name(), null, kind).toBuilder()
                .dependsOn(List.of())
                .guarded(true)
                .permit("process:another")
                .build();
    }

    @Test
    void an_entry_that_depends_on_too_much_or_on_no_name_is_refused() {
        List<String> many = new ArrayList<>();
        IntStream.range(0, 17).forEach(i -> many.add("tool:" + i));
        assertThatThrownBy(() -> watch.call(Duration.ZERO).dependsOn(many).build())
                .hasMessageContaining("at most 16 circuits, but depends on 17");

        Receipt receipt = watch.send(
                watch.call(Duration.ZERO).dependsOn(List.of("m".repeat(257))).build(),
                watch.call(Duration.ZERO).caller("c".repeat(257)).build());
        assertThat(receipt.refused()).hasSize(2);
        assertThat(receipt.refused().get(1).problem())
                .isEqualTo("caller may have at most 256 characters, but this one has 257");
    }

    @Test
    void a_logger_says_what_its_calls_depended_on_and_when_to_come_back() {
        try (AgentLogger log = AgentLogger.to(watch.processor).build()) {
            try (Execution run = log.execution("agent")) {
                run.llmInference("m").dependingOn("model:m", "key:k", "model:m").fail(new IllegalStateException("no"));
            }
        }
        LogEntry entry = watch.store
                .find(LogQuery.ofAgent("default", "agent", 1))
                .rows()
                .get(0)
                .entry();
        assertThat(entry.dependsOn()).containsExactly("model:m", "key:k");
        assertThat(entry.retryAfterMs()).isNull();
    }

    /** An entry of an agent's call of the model; it went well if there is no kind. */
    private LogEntry call(String agent, @Nullable String caller, @Nullable FailureKind kind) {
        LogEntry.Builder entry = LogEntry.builder(agent, ActionType.LLM_INFERENCE, watch.time.wallTime())
                .dependsOn(List.of("model:m"))
                .caller(caller);
        return kind == null
                ? entry.build()
                : entry.status(EntryStatus.FAILURE).errorKind(kind).build();
    }

    private void send(String sender, LogEntry entry) {
        watch.processor.take(new LogBatch(null, watch.time.wallTime(), List.of(entry), sender));
    }

    private CircuitSnapshot of(CircuitId id) {
        return watch.circuits.snapshot(id);
    }
}
