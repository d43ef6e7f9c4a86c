package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Everything that time must start by itself, and the clocks. */
class TimersTest {
    @Test
    void one_thread_serves_a_thousand_circuits() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        CircuitBreakerConfig config =
                Lab.settings().probe(ProbeSettings.defaults()).build();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(config)
                .probe("*", id -> true)
                .executor(Runnable::run)
                .build()) {
            for (int i = 0; i < 1_000; i++) {
                CircuitId id = CircuitId.of("agent-" + i);
                circuits.override(
                        id,
                        i % 2 == 0
                                ? ManualOverride.of(OverrideAction.HOLD_OPEN, "ada")
                                        .until(Instant.now().plusSeconds(3_600))
                                : ManualOverride.of(OverrideAction.OPEN, "ada"));
                assertThat(circuits.guard(id).withTimeout(seconds(3_600)).callAsync(CompletableFuture::new))
                        .isCompletedExceptionally();
            }

            Set<Thread> made = Thread.getAllStackTraces().keySet();
            made.removeAll(before);
            assertThat(made.stream().map(Thread::getName).filter(name -> name.startsWith("interlock-")))
                    .containsOnlyOnce("interlock-timers")
                    .isSubsetOf("interlock-timers", "interlock-coarse-clock");
            assertThat(made)
                    .filteredOn(thread -> thread.getName().startsWith("interlock-"))
                    .allMatch(Thread::isDaemon);
        }
    }

    @Test
    void the_thread_ends_with_the_manager() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
        Thread timers = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.getName().equals("interlock-timers"))
                .collect(Collectors.toList())
                .get(0);

        circuits.close();

        Awaitility.await().until(() -> !timers.isAlive());
    }

    @Test
    void a_hold_ends_by_itself_on_the_clocks_of_the_machine() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            CircuitBreaker circuit = circuits.getOrCreate("agent");
            circuit.override(ManualOverride.of(OverrideAction.HOLD_CLOSED, "ada")
                    .until(Instant.now().plusMillis(50)));
            assertThat(circuit).isHeld();

            Awaitility.await().until(() -> circuit.snapshot().hold() == null);

            assertThat(circuit).isClosed();
        }
    }

    @Test
    void an_async_call_times_out_on_the_clocks_of_the_machine() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            CompletableFuture<String> plan =
                    circuits.guard("agent").withTimeout(Duration.ofMillis(50)).callAsync(CompletableFuture::new);

            Awaitility.await().until(plan::isDone);

            assertThat(plan).isCompletedExceptionally();
            assertThat(circuits.getOrCreate("agent")).hasCounted(1, 1);
        }
    }

    @Test
    void on_a_hand_driven_clock_there_is_no_thread_at_all() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Lab lab = new Lab();
        lab.hold(OverrideAction.HOLD_OPEN, seconds(1));

        Set<Thread> made = Thread.getAllStackTraces().keySet();
        made.removeAll(before);
        assertThat(made.stream().map(Thread::getName)).doesNotContain("interlock-timers");
    }

    @Test
    void what_is_due_starts_in_the_order_of_its_time_with_the_clock_at_that_time() {
        ManualTimeSource time = new ManualTimeSource();
        List<String> ran = new ArrayList<>();
        try (Timers timers = new Timers(time)) {
            timers.at(30, () -> ran.add("c at " + time.ticks()));
            timers.at(10, () -> {
                ran.add("a at " + time.ticks());
                timers.at(20, () -> ran.add("b at " + time.ticks()));
            });
            timers.at(30, () -> ran.add("d at " + time.ticks()));
            timers.at(41, () -> ran.add("too late"));

            time.advance(Duration.ofNanos(40));
        }
        assertThat(ran).containsExactly("a at 10", "b at 20", "c at 30", "d at 30");
    }

    @Test
    void what_was_cancelled_or_closed_does_not_start() {
        ManualTimeSource time = new ManualTimeSource();
        List<String> ran = new ArrayList<>();
        Timers timers = new Timers(time);
        timers.cancel(timers.at(10, () -> ran.add("cancelled")));
        timers.at(20, () -> ran.add("closed"));
        time.advance(Duration.ofNanos(15));
        timers.close();
        assertThat(timers.size()).isZero();
        time.advance(Duration.ofNanos(15));

        assertThat(ran).isEmpty();
    }

    @Test
    void the_thread_wakes_for_what_is_due_before_all_else() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        TimeSource time = TimeSource.system();
        try (Timers timers = new Timers(time)) {
            timers.at(Long.MAX_VALUE - 1, () -> {});
            Thread thread = Thread.getAllStackTraces().keySet().stream()
                    .filter(each -> !before.contains(each) && each.getName().equals("interlock-timers"))
                    .collect(Collectors.toList())
                    .get(0);
            Awaitility.await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            CompletableFuture<String> ran = new CompletableFuture<>();

            timers.at(time.ticks(), () -> ran.complete("ran"));

            assertThat(ran).succeedsWithin(seconds(30));
        }
    }

    @Test
    void a_hand_driven_clock_lets_closed_timers_go() {
        ManualTimeSource time = new ManualTimeSource();
        WeakReference<?> closed = closedTimers(time);

        Awaitility.await().until(() -> {
            System.gc();
            return closed.get() == null;
        });
        time.advance(seconds(1));
    }

    private static WeakReference<?> closedTimers(ManualTimeSource time) {
        Timers timers = new Timers(time);
        timers.close();
        return new WeakReference<>(timers);
    }

    @Test
    void a_task_that_throws_stops_no_other() {
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        List<Throwable> uncaught = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
        ManualTimeSource time = new ManualTimeSource();
        List<String> ran = new ArrayList<>();
        try (Timers timers = new Timers(time)) {
            timers.at(10, () -> {
                throw new IllegalStateException("broken task");
            });
            timers.at(20, () -> ran.add("next"));
            time.advance(Duration.ofNanos(20));
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertThat(ran).containsExactly("next");
        assertThat(uncaught).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_hand_driven_clock_goes_forward_only_but_its_wall_may_step() {
        ManualTimeSource time = new ManualTimeSource(Instant.EPOCH);
        time.advance(seconds(10));
        time.stepWallClock(seconds(-3));

        assertThat(time.ticks()).isEqualTo(10_000_000_000L);
        assertThat(time.coarseTicks()).isEqualTo(time.ticks());
        assertThat(time.wallTime()).isEqualTo(Instant.EPOCH.plusSeconds(7));
        assertThatThrownBy(() -> time.advance(seconds(-1)))
                .hasMessage("Time goes forward only, but was asked to advance by PT-1S");
    }

    @Test
    void the_machines_ticks_are_never_negative_and_the_coarse_ones_never_ahead() {
        TimeSource time = TimeSource.system();
        for (int i = 0; i < 10_000; i++) {
            long coarse = time.coarseTicks();
            long exact = time.ticks();
            assertThat(coarse).isBetween(0L, exact);
        }
    }

    @Test
    void the_machines_coarse_ticks_go_on() {
        TimeSource time = TimeSource.system();
        long begun = time.ticks();

        Awaitility.await().until(() -> time.coarseTicks() > begun);
    }
}
