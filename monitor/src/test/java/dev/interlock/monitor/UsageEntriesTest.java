package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CallUsage;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.NamePattern;
import dev.interlock.Outcome;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.BudgetsInMemory;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Period;
import dev.interlock.monitor.budgets.Slice;
import dev.interlock.monitor.budgets.Spent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of guarded models in the agent log: entries of their own, which budgets count once. */
class UsageEntriesTest {
    private static final Budget BUDGET = new Budget(
            "default",
            "plans",
            new NamePattern("planner"),
            false,
            Period.read("day", null),
            new Limits(1_000L, null, null),
            false,
            Budget.WARN_AT,
            true);

    private final ManualTimeSource time = new ManualTimeSource(Instant.parse("2027-01-31T18:00:00Z"));
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().time(time).build();
    private final Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2", "key:moonshot");
    private final List<LogEntry> entries = new ArrayList<>();
    private final AgentLogger log = AgentLogger.to(batch -> {
                entries.addAll(batch.entries());
                return new Receipt(batch.entries().size(), List.of(), 0);
            })
            .time(time)
            .build();

    @AfterEach
    void close() {
        log.close();
        circuits.close();
    }

    private LogEntry logged(Outcome outcome, long input, long output, long cached) {
        log.usage().used(new CallUsage(planner, outcome, input, output, cached));
        log.close();
        assertThat(entries).hasSize(1);
        return entries.get(0);
    }

    @Test
    void a_good_call_is_an_entry_of_its_agent_with_its_tokens() {
        LogEntry entry = logged(Outcome.success().took(Duration.ofMillis(250)), 12, 5, 4);

        assertThat(entry.agentId()).isEqualTo("planner");
        assertThat(entry.actionType()).isEqualTo(ActionType.LLM_INFERENCE);
        assertThat(entry.actionName()).isEqualTo("kimi-k2");
        assertThat(entry.status()).isEqualTo(EntryStatus.SUCCESS);
        assertThat(entry.latencyMs()).isEqualTo(250);
        assertThat(entry.timestamp()).isEqualTo(time.wallTime().minusMillis(250));
        assertThat(entry.metadata())
                .containsOnly(
                        Map.entry("input_tokens", 12L), Map.entry("output_tokens", 5L), Map.entry("cached_tokens", 4L));
        assertThat(entry.dependsOn()).containsExactly("model:kimi-k2", "key:moonshot");
        assertThat(entry.guarded()).isTrue();
        assertThat(entry.permit()).isEqualTo(planner.process());
        assertThat(entry.entryId()).isNotNull();
    }

    @Test
    void a_failed_call_says_why_and_when_to_come_back() {
        LogEntry entry = logged(Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(Duration.ofSeconds(7)), 0, 0, 0);

        assertThat(entry.status()).isEqualTo(EntryStatus.FAILURE);
        assertThat(entry.errorKind()).isEqualTo(FailureKind.RATE_LIMITED);
        assertThat(entry.retryAfterMs()).isEqualTo(7_000);
        assertThat(entry.metadata()).isEmpty();
    }

    @Test
    void a_call_that_was_given_up_is_no_failure() {
        assertThat(logged(Outcome.cancelled(), 0, 0, 0).status()).isEqualTo(EntryStatus.CANCELLED);
    }

    @Test
    void a_run_logs_calls_as_its_own() {
        try (Execution run = log.execution("planner", "run-17")) {
            assertThat(run.usage()).isSameAs(run.usage());
            run.usage().used(new CallUsage(planner, Outcome.success(), 12, 5, 0));
        }
        log.close();

        assertThat(entries).singleElement().extracting(LogEntry::executionId).isEqualTo("run-17");
    }

    @Test
    void budgets_of_the_processor_count_it_once_whether_it_heard_the_guard_or_not() {
        BudgetsInMemory store = new BudgetsInMemory(new BudgetRules(List.of(BUDGET), List.of(), Map.of()));
        BudgetKeeper budgets = new BudgetKeeper(store, circuits.gates(), time);
        budgets.step();
        try (HealthMonitor health = HealthMonitor.start(circuits, HealthSettings.defaults(), time, Runnable::run);
                CircuitBreakerManager elsewhere =
                        CircuitBreakerManager.builder().time(time).build()) {
            LogProcessor processor = new LogProcessor(health, new AgentRegistry(), new InMemoryLogStore(), time);
            processor.countBy(budgets.meter());
            AgentLogger toProcessor = AgentLogger.to(processor).time(time).build();
            for (CircuitBreakerManager each : List.of(circuits, elsewhere)) {
                Guard guard = each.guard("planner").dependingOn("model:kimi-k2");
                String answer = guard.call(() -> "a plan");
                assertThat(answer).isEqualTo("a plan");
                toProcessor.usage().used(new CallUsage(guard, Outcome.success(), 12, 5, 4));
            }
            toProcessor.close();
            budgets.step();

            Spent spent = store.used(BUDGET, Instant.EPOCH, null).get("planner").stream()
                    .map(Slice::spent)
                    .reduce(Spent.NOTHING, Spent::plus);
            assertThat(spent.calls()).isEqualTo(2);
            assertThat(spent.tokens()).isEqualTo(26);
            assertThat(spent.cachedTokens()).isEqualTo(8);
            assertThat(circuits.snapshot(CircuitId.of("planner")).figures().calls())
                    .as("what the guard counted, and nothing of the log")
                    .isEqualTo(1);
        }
    }
}
