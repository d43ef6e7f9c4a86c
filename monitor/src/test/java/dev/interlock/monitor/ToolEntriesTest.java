package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.NamePattern;
import dev.interlock.Outcome;
import dev.interlock.ToolListener;
import dev.interlock.Work;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.BudgetsInMemory;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Period;
import dev.interlock.monitor.budgets.Slice;
import dev.interlock.monitor.loops.LoopCall;
import dev.interlock.monitor.loops.LoopDetector;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.monitor.loops.LoopSettings;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of guarded tools in the log of a run: an entry each, by which loops are found and budgets count. */
class ToolEntriesTest {
    private static final String SEARCHED = "{\"words\": \"tides\"}";

    private final ManualTimeSource time = new ManualTimeSource(Instant.parse("2027-01-31T18:00:00Z"));
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().time(time).build();
    private final Guard search = circuits.guard("planner").dependingOn("tool:search");
    private final LoopDetector loops = new LoopDetector(LoopSettings.defaults(), time);
    private final List<LogEntry> entries = new ArrayList<>();
    private final AgentLogger log = AgentLogger.to(batch -> {
                entries.addAll(batch.entries());
                return new Receipt(batch.entries().size(), List.of(), 0);
            })
            .time(time)
            .refusing(new LoopRefusals(loops, circuits, time))
            .build();
    private final Execution run = log.execution("a whole fleet", "run-17");

    @AfterEach
    void close() {
        log.close();
        circuits.close();
    }

    private String found(String result) {
        return run.tools().around(search, "search", SEARCHED, () -> search.call(() -> result), text -> text);
    }

    private List<LogEntry> logged() {
        log.close();
        return entries;
    }

    @Test
    void a_good_call_is_an_entry_of_the_run_and_of_the_guards_agent() {
        assertThat(run.tools()).isSameAs(run.tools());
        assertThat(found("high at 6:12")).isEqualTo("high at 6:12");

        assertThat(logged()).singleElement().satisfies(entry -> {
            assertThat(entry.agentId()).isEqualTo("planner");
            assertThat(entry.executionId()).isEqualTo("run-17");
            assertThat(entry.actionType()).isEqualTo(ActionType.TOOL_CALL);
            assertThat(entry.actionName()).isEqualTo("search");
            assertThat(entry.inputSummary()).isEqualTo(SEARCHED);
            assertThat(entry.outputSummary()).isEqualTo("high at 6:12");
            assertThat(entry.status()).isEqualTo(EntryStatus.SUCCESS);
            assertThat(entry.dependsOn()).containsExactly("tool:search");
            assertThat(entry.guarded()).isTrue();
            assertThat(entry.permit()).isEqualTo(search.process());
            assertThat(entry.metadata()).containsOnlyKeys("depends_on");
        });
    }

    @Test
    void a_failed_call_says_why_and_one_that_was_given_up_is_no_failure() {
        Work<String, RuntimeException> failing = () -> {
            throw new UncheckedIOException(new SocketTimeoutException("late"));
        };
        assertThatThrownBy(() -> run.tools()
                        .<String, RuntimeException>around(
                                search, "search", SEARCHED, () -> search.call(failing), text -> text))
                .isInstanceOf(UncheckedIOException.class);
        ToolListener.Call call = run.tools().begins(search, "search", SEARCHED);
        call.ended(Outcome.cancelled(), null);
        call.ended(Outcome.success(), "late");

        assertThat(logged()).extracting(LogEntry::status).containsExactly(EntryStatus.FAILURE, EntryStatus.CANCELLED);
        assertThat(entries).extracting(LogEntry::errorKind).containsExactly(FailureKind.TIMEOUT, FailureKind.CANCELLED);
        assertThat(entries.get(0).errorMessage()).contains("late");
    }

    @Test
    void texts_that_are_cut_are_compared_as_a_whole() {
        String page = "x".repeat(3_000);
        found(page + "1");
        found(page + "2");
        found(page + "2");

        List<Object> digests = logged().stream()
                .map(each -> each.metadata().get(EntryLoops.RESULT))
                .toList();
        assertThat(digests.get(0)).isInstanceOf(String.class).isNotEqualTo(digests.get(1));
        assertThat(digests.get(2)).isEqualTo(digests.get(1));
        assertThat(entries.get(0).metadata()).doesNotContainKey(EntryLoops.ARGUMENTS);
    }

    @Test
    void a_run_in_a_loop_is_refused_before_the_tool_is_called_and_that_is_no_call() {
        for (int i = 0; i < 3; i++) {
            time.advance(Duration.ofSeconds(1));
            loops.called(
                    "default",
                    "planner",
                    "run-17",
                    new LoopCall("tool:search", SEARCHED, "nothing", false, time.wallTime(), time.wallTime()));
        }

        assertThatThrownBy(() -> found("never"))
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(search.message(refused).reason()).isEqualTo("loop"));

        assertThat(logged()).singleElement().satisfies(entry -> {
            assertThat(entry.errorKind()).isEqualTo(FailureKind.DOWNSTREAM_OPEN);
            assertThat(entry.outputSummary()).isNull();
        });
        assertThat(circuits.snapshot(CircuitId.of("tool:search")).figures().calls())
                .isZero();
        assertThat(callsOf(entries)).isZero();
    }

    @Test
    void budgets_count_a_logged_call_unless_its_guard_is_counted() {
        found("high");
        Guard counted = search.countedBy((agent, dependencies, outcome) -> {});
        run.tools().around(counted, "search", SEARCHED, () -> counted.call(() -> "low"), text -> text);

        assertThat(logged()).extracting(each -> each.metadata().get("counted")).containsExactly(null, true);
        assertThat(callsOf(entries)).isEqualTo(1);
    }

    /** What a processor that hears no guard counts of entries. */
    private long callsOf(List<LogEntry> received) {
        Budget budget = new Budget(
                "default",
                "tools",
                new NamePattern("tool:*"),
                false,
                Period.read("day", null),
                new Limits(null, null, 100L),
                false,
                Budget.WARN_AT,
                true);
        BudgetsInMemory store = new BudgetsInMemory(new BudgetRules(List.of(budget), List.of(), Map.of()));
        BudgetKeeper budgets = new BudgetKeeper(store, circuits.gates(), time);
        budgets.step();
        try (CircuitBreakerManager elsewhere =
                        CircuitBreakerManager.builder().time(time).build();
                HealthMonitor health = HealthMonitor.start(elsewhere, HealthSettings.defaults(), time, Runnable::run)) {
            LogProcessor processor = new LogProcessor(health, new AgentRegistry(), new InMemoryLogStore(), time);
            processor.countBy(budgets.meter());
            assertThat(processor.take(new LogBatch(null, null, received)).accepted())
                    .isEqualTo(received.size());
        }
        budgets.step();
        return store.used(budget, Instant.EPOCH, null).getOrDefault("tool:search", List.of()).stream()
                .mapToLong((Slice each) -> each.spent().calls())
                .sum();
    }
}
