package dev.interlock.monitor;

import static dev.interlock.monitor.Watch.AGENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.StreamLimits;
import dev.interlock.StreamPermit;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A Java program that guards its calls need report nothing: health hears how each of them ended, once. */
class HealthOfGuardsTest {
    private static final CircuitId MODEL = CircuitId.of("model:m");

    private final Watch watch = new Watch();
    private final Guard guard = watch.circuits.guard(AGENT);

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void each_way_to_make_a_guarded_call_counts_once() throws Exception {
        guard.call(() -> "short way once the circuit is known");
        guard.call(() -> "short way");
        guard.run(() -> {});
        assertThat(guard.callAsync(() -> CompletableFuture.completedFuture("later")))
                .isCompleted();
        try (Permit permit = guard.acquire()) {
            permit.succeed();
            permit.succeed();
        }
        try (StreamPermit stream = guard.stream(StreamLimits.none())) {
            stream.next();
            stream.next();
            stream.complete();
        }
        assertThatThrownBy(() -> guard.run(() -> {
                    throw new TimeoutException();
                }))
                .isInstanceOf(TimeoutException.class);
        watch.pass(1);

        assertThat(figures(AGENT).calls()).isEqualTo(7);
        assertThat(figures(AGENT).failures()).isEqualTo(1);
        assertThat(figures(AGENT).streak()).isEqualTo(1);
        assertThat(watch.circuit().figures().calls()).isEqualTo(7);
    }

    @Test
    void a_failure_is_the_circuits_that_it_is_attributed_to_and_a_success_is_everybodys() {
        Guard depending = guard.dependingOn(MODEL.name());
        depending.call(() -> "good");
        assertThatThrownBy(() -> depending.run(() -> {
                    throw new TimeoutException();
                }))
                .isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> depending.run(() -> {
                    throw new IllegalStateException("a bug of the agent's");
                }))
                .isInstanceOf(IllegalStateException.class);
        watch.pass(1);

        assertThat(figures(AGENT).calls()).isEqualTo(2);
        assertThat(figures(AGENT).failures()).isEqualTo(1);
        assertThat(figures(MODEL).calls()).isEqualTo(2);
        assertThat(figures(MODEL).failures()).isEqualTo(1);
    }

    @Test
    void refusals_cancelled_calls_and_mistakes_of_the_caller_are_in_no_figure() {
        watch.order(OverrideAction.HOLD_OPEN);
        assertThatThrownBy(() -> guard.run(() -> {})).isInstanceOf(CircuitOpenException.class);
        watch.order(OverrideAction.CLOSE);
        guard.acquire().cancel();
        Permit mistaken = guard.acquire();
        mistaken.settle(Outcome.failure(FailureKind.INVALID_REQUEST));
        watch.pass(1);

        assertThat(watch.monitor.judged(AGENT)).isNull();
    }

    @Test
    void what_the_log_reports_and_what_a_guard_has_counted_are_not_counted_twice() {
        guard.call(() -> "good");
        watch.send(watch.call(Duration.ofSeconds(1)).guarded(true).build());
        watch.send(watch.call(Duration.ofSeconds(1)).build());
        watch.circuits.getOrCreate(AGENT).recordSuccess();
        watch.pass(1);

        assertThat(figures(AGENT).calls()).isEqualTo(3);
    }

    @Test
    void calls_are_timed_although_the_policy_asks_for_no_time() {
        for (int i = 0; i < 10; i++) {
            guard.run(() -> watch.pass(11));
        }
        try (Permit permit = guard.acquire()) {
            watch.pass(4);
            permit.succeed();
        }
        watch.pass(1);

        assertThat(figures(AGENT).p95()).isBetween(Duration.ofSeconds(11), Duration.ofMillis(11_700));
        assertThat(watch.status()).isEqualTo(HealthStatus.DEGRADED);
    }

    @Test
    void good_calls_between_failures_end_a_streak_in_their_place() {
        fail(4);
        guard.call(() -> "good");
        fail(3);
        watch.pass(1);
        assertThat(figures(AGENT).streak()).isEqualTo(3);

        guard.call(() -> "good");
        guard.call(() -> "good");
        watch.pass(1);
        assertThat(figures(AGENT).streak()).isZero();
        assertThat(figures(AGENT).recentStreak()).isZero();
    }

    @Test
    void an_agent_with_few_guarded_calls_a_minute_is_opened_by_health() {
        for (int i = 0; i < 5; i++) {
            guard.run(() -> watch.pass(12));
            fail(1);
            watch.pass(5);
        }
        watch.pass(1);

        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.lastMove().actor()).isEqualTo(HealthMonitor.ACTOR);
    }

    /** Good calls of before the trip, which nobody had fetched yet, must not look like a recovery. */
    @Test
    void good_calls_of_an_earlier_epoch_are_no_recovery() {
        for (int i = 0; i < 20; i++) {
            guard.call(() -> "good");
        }
        fail(5);
        watch.pass(1);

        assertThat(watch.state()).isEqualTo(CircuitState.OPEN);
        assertThat(watch.circuit().retryAfter()).isPositive();
        assertThat(watch.monitor.snapshot(AGENT).sinceOpening()).isNull();
        watch.pass(60);
        guard.call(() -> "good");
        guard.call(() -> "good");
        watch.pass(1);
        assertThat(watch.state()).isEqualTo(CircuitState.CLOSED);
        HealthFigures since = watch.monitor.snapshot(AGENT).sinceOpening();
        assertThat(since).isNotNull();
        assertThat(since.calls()).isEqualTo(2);
    }

    @Test
    void many_threads_lose_no_call() throws Exception {
        int threads = 4;
        int calls = 20_000;
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> done = IntStream.range(0, threads)
                    .<Future<?>>mapToObj(thread -> callers.submit(() -> {
                        for (int i = 0; i < calls; i++) {
                            if (i % 100 == 99) {
                                guard.acquire().settle(Outcome.failure(FailureKind.ERROR));
                            } else {
                                guard.call(() -> "good");
                            }
                        }
                    }))
                    .toList();
            for (Future<?> each : done) {
                while (!each.isDone()) {
                    watch.time.advance(Duration.ofMillis(1)); // rounds fetch while calls come
                }
                each.get(1, TimeUnit.MINUTES);
            }
        } finally {
            callers.shutdownNow();
        }
        watch.pass(1);

        assertThat(figures(AGENT).hourCalls()).isEqualTo(threads * calls);
        assertThat(figures(AGENT).hourFailures()).isEqualTo(threads * calls / 100);
    }

    @Test
    void a_good_call_takes_no_memory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long here = Thread.currentThread().getId();
        long least = Long.MAX_VALUE; // what a compiler does meanwhile is no cost of a call
        for (int round = 0; round < 5; round++) {
            long before = threads.getThreadAllocatedBytes(here);
            long unused = threads.getThreadAllocatedBytes(here) - before;
            before = threads.getThreadAllocatedBytes(here);
            for (int i = 0; i < 10_000; i++) {
                guard.call(() -> "good");
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(here) - before - unused);
            watch.pass(1);
        }

        assertThat(least).as("bytes of 10,000 calls").isLessThan(10_000);
        assertThat(figures(AGENT).calls()).isEqualTo(50_000);
    }

    @Test
    void agents_beyond_the_limit_are_guarded_all_the_same() {
        for (int i = 0; i < 1_100; i++) {
            watch.circuits.guard("agent-" + i).call(() -> "good");
        }

        assertThat(watch.monitor.size()).isEqualTo(950);
        assertThat(watch.monitor.notJudged()).isEqualTo(150);
    }

    @Test
    void a_monitor_that_is_closed_hears_nothing() {
        watch.monitor.close();
        guard.call(() -> "good");

        assertThat(watch.monitor.size()).isZero();
    }

    @Test
    void two_monitors_hear_the_same() {
        try (HealthMonitor other =
                HealthMonitor.start(watch.circuits, HealthSettings.defaults(), watch.time, Runnable::run)) {
            guard.call(() -> "good");
            watch.pass(1);

            assertThat(other.snapshot(AGENT).figures()).isEqualTo(figures(AGENT));
            assertThat(figures(AGENT).calls()).isEqualTo(1);
        }
    }

    @Test
    void a_listener_that_throws_hurts_no_call() {
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        List<Throwable> reported = new java.util.ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
        try {
            watch.circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> {
                throw new IllegalStateException("broken");
            });
            assertThat(guard.call(() -> "good")).isEqualTo("good");
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        watch.pass(1);

        assertThat(reported).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(figures(AGENT).calls()).isEqualTo(1);
    }

    private void fail(int times) {
        CircuitBreaker circuit = watch.circuits.getOrCreate(AGENT);
        for (int i = 0; i < times; i++) {
            circuit.acquire().settle(Outcome.failure(FailureKind.TIMEOUT));
        }
    }

    private HealthFigures figures(CircuitId agent) {
        return watch.monitor.snapshot(agent).figures();
    }
}
