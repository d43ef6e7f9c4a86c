package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A guard that is counted reports each of its calls once; what is the same call within it is not reported again. */
class CountedGuardTest {
    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
    private final List<String> heard = new ArrayList<>();

    /** What the models of adapters are given, and guards as well. */
    private final class Meter implements CallListener, UsageListener {
        @Override
        public void called(CircuitId agent, List<CircuitId> dependencies, Outcome outcome) {
            hear(agent, dependencies, outcome, "");
        }

        @Override
        public void used(CallUsage usage) {
            hear(usage.guard().id(), usage.guard().dependencies(), usage.outcome(), " " + usage.inputTokens());
        }

        private void hear(CircuitId agent, List<CircuitId> dependencies, Outcome outcome, String tokens) {
            List<String> names = dependencies.stream().map(CircuitId::name).toList();
            heard.add(agent.name() + names + (outcome.isSuccess() ? "" : " " + outcome.kind()) + tokens);
        }
    }

    private final Meter meter = new Meter();
    private final Guard planner = circuits.guard("planner").countedBy(meter);
    private final Guard search = planner.dependingOn("tool:search");

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void a_call_counts_once_whatever_way_it_is_made_and_however_it_ends() {
        String answer = planner.call(() -> "a plan");
        assertThat(answer).isEqualTo("a plan");
        assertThatThrownBy(() -> search.call(() -> {
                    throw new SocketTimeoutException("late");
                }))
                .isInstanceOf(SocketTimeoutException.class);
        CompletableFuture<String> later = new CompletableFuture<>();
        CompletableFuture<String> guarded = planner.callAsync(() -> later);
        assertThat(heard).as("a call under way").hasSize(2);
        later.complete("a plan");
        assertThat(guarded).isCompletedWithValue("a plan");
        try (Permit permit = planner.acquire()) {
            permit.cancel();
            permit.succeed();
        }
        planner.stream(StreamLimits.none()).complete();
        Runnable proxied = planner.proxy(Runnable.class, () -> {});
        proxied.run();

        assertThat(heard)
                .containsExactly(
                        "planner[]",
                        "planner[tool:search] TIMEOUT",
                        "planner[]",
                        "planner[] CANCELLED",
                        "planner[]",
                        "planner[]");
    }

    @Test
    void what_a_circuit_refuses_is_no_call_neither_here_nor_further_in() {
        circuits.override(CircuitId.of("tool:search"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));

        assertThatThrownBy(() -> search.call(() -> "never")).isInstanceOf(CircuitOpenException.class);
        assertThatThrownBy(() -> planner.call(() -> search.call(() -> "never")))
                .isInstanceOf(CircuitOpenException.class);
        assertThat(search.tryAcquire()).isNull();

        assertThat(heard).isEmpty();
    }

    @Test
    void each_attempt_of_a_retry_is_a_call() throws SocketTimeoutException {
        List<String> left = new ArrayList<>(List.of("late"));
        String answer = planner.withRetry(Retry.upTo(2).delays(Duration.ofMillis(1), Duration.ofMillis(1)))
                .call(() -> {
                    if (!left.isEmpty()) {
                        throw new SocketTimeoutException(left.remove(0));
                    }
                    return "a plan";
                });

        assertThat(answer).isEqualTo("a plan");
        assertThat(heard).containsExactly("planner[] TIMEOUT", "planner[]");
    }

    @Test
    void of_calls_of_one_agent_within_each_other_the_innermost_one_counts() {
        Guard model = planner.dependingOn("model:atlas");
        planner.run(() -> planner.run(() -> {
            model.run(() -> {});
            search.run(() -> {});
        }));

        assertThat(heard).containsExactly("planner[model:atlas]", "planner[tool:search]");
    }

    @Test
    void a_tool_that_asks_a_model_or_another_agent_is_a_call_in_addition_to_theirs() {
        Guard researcher = circuits.guard("researcher").countedBy(meter);
        search.run(() -> {
            planner.dependingOn("model:atlas").run(() -> {});
            researcher.run(() -> {});
        });

        assertThat(heard).containsExactly("planner[model:atlas]", "researcher[]", "planner[tool:search]");
    }

    @Test
    void a_guard_around_the_counted_call_of_a_model_leaves_the_count_to_that() {
        Guard model = planner.countedBy(null).dependingOn("model:atlas");
        planner.run(() -> model.run(() -> CountedCall.begin(model, meter).answer("a plan", 12, 5, 0)));

        assertThat(heard).containsExactly("planner[model:atlas] 12");
        assertThat(CountedCall.listenerOf(planner)).isSameAs(meter);
        assertThat(CountedCall.listenerOf(model)).isNull();
        CallListener ofCallsAlone = (agent, dependencies, outcome) -> {};
        assertThat(CountedCall.listenerOf(planner.countedBy(ofCallsAlone))).isNull();
    }

    @Test
    void each_listener_hears_of_it() {
        List<CircuitId> others = new ArrayList<>();
        planner.countedBy((agent, dependencies, outcome) -> others.add(agent)).run(() -> search.run(() -> {}));

        assertThat(heard).containsExactly("planner[tool:search]");
        assertThat(others).containsExactly(CircuitId.of("planner"));
    }

    @Test
    void what_a_listener_throws_is_reported_and_changes_nothing() {
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        List<Throwable> reported = new ArrayList<>();
        thread.setUncaughtExceptionHandler((where, thrown) -> reported.add(thrown));
        try {
            String answer = planner.countedBy((agent, dependencies, outcome) -> {
                        throw new IllegalStateException("a bug of the listener");
                    })
                    .call(() -> "a plan");
            assertThat(answer).isEqualTo("a plan");
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }

        assertThat(reported).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(circuits.snapshot(CircuitId.of("planner")).figures().failures())
                .isZero();
    }

    /** Decided in docs/decisions/0237: the permit that each noted call has, and one around it. */
    @Test
    void a_good_call_takes_as_little_memory_as_is_said() {
        CallListener counting = (agent, dependencies, outcome) -> {};
        Guard counted = circuits.guard("quick").countedBy(counting);
        for (int i = 0; i < 20_000; i++) {
            counted.call(() -> "warm");
        }
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long own = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) { // what else the JVM does on this thread is not the call's
            long before = threads.getThreadAllocatedBytes(own);
            for (int i = 0; i < 1_000; i++) {
                counted.call(() -> "again");
            }
            least = Math.min(least, (threads.getThreadAllocatedBytes(own) - before) / 1_000);
        }

        assertThat(least).isLessThanOrEqualTo(64);
    }
}
