package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.threads.WorkerFigures;
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
    void what_somebody_waits_for_is_done_otherwise_when_it_is_closed_before() {
        ManualTimeSource time = new ManualTimeSource();
        List<String> done = new ArrayList<>();
        Timers timers = new Timers(time);
        timers.owedAt(10, () -> done.add("in time"), () -> done.add("closed though it ran"));
        timers.cancel(timers.owedAt(20, () -> done.add("cancelled"), () -> done.add("closed though cancelled")));
        timers.owedAt(20, () -> done.add("after the close"), () -> done.add("at the close"));
        timers.at(20, () -> done.add("owed to nobody"));
        time.advance(Duration.ofNanos(10));
        assertThat(done).containsExactly("in time");
        assertThat(timers.isClosed()).isFalse();

        timers.close();

        assertThat(timers.isClosed()).isTrue();
        assertThat(done).containsExactly("in time", "at the close");
        timers.owedAt(30, () -> done.add("never"), () -> done.add("closed already"));
        assertThat(done).endsWith("closed already").hasSize(3);
        assertThat(timers.size()).isZero();
        time.advance(Duration.ofNanos(50));
        assertThat(done).hasSize(3);
    }

    @Test
    void a_task_that_closes_them_is_the_last() {
        ManualTimeSource time = new ManualTimeSource();
        List<String> ran = new ArrayList<>();
        Timers timers = new Timers(time);
        timers.at(10, timers::close);
        timers.at(10, () -> ran.add("next"));
        time.advance(Duration.ofNanos(20));
        assertThat(ran).isEmpty();
        assertThat(timers.size()).isZero();
    }

    @Test
    void a_task_that_was_begun_cannot_be_cancelled_and_runs_once() {
        ManualTimeSource time = new ManualTimeSource();
        List<String> ran = new ArrayList<>();
        try (Timers timers = new Timers(time)) {
            Timers.Timer[] self = new Timers.Timer[1];
            self[0] = timers.at(10, () -> {
                ran.add("ran");
                timers.cancel(self[0]);
                timers.runDue(time.ticks());
            });
            time.advance(Duration.ofNanos(10));
            assertThat(ran).containsExactly("ran");
            assertThat(timers.size()).isZero();
            assertThat(timers.nextDue()).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Test
    void a_chore_is_done_before_all_timers_once_each_time_that_it_is_due() {
        ManualTimeSource time = new ManualTimeSource();
        List<String> ran = new ArrayList<>();
        Timers timers = new Timers(time);
        timers.chore(() -> ran.add("chore"));
        timers.at(10, () -> ran.add("timer"));
        time.advance(Duration.ofNanos(5));
        assertThat(ran).isEmpty();

        timers.choreDue = true;
        time.advance(Duration.ofNanos(5));
        assertThat(ran).containsExactly("chore", "timer");
        time.advance(Duration.ofNanos(5));
        assertThat(ran).hasSize(2);

        timers.close();
        timers.choreDue = true;
        timers.runDue(time.ticks());
        assertThat(ran).hasSize(2);
    }

    @Test
    void the_thread_wakes_for_a_chore_and_for_nothing_else_that_is_not_due() {
        CompletableFuture<String> ran = new CompletableFuture<>();
        try (Timers timers = new Timers(TimeSource.system(), "interlock-chore")) {
            timers.chore(() -> ran.complete("ran"));
            timers.wakeForChore();
            assertThat(timers.workers().get(0)).isEqualTo(new WorkerFigures("interlock-chore", false, 0, 0));

            timers.choreDue = true;
            timers.wakeForChore();

            assertThat(ran).succeedsWithin(seconds(30));
            assertThat(timers.workers().get(0).running()).isTrue();
            assertThat(timers.workers().get(1).name()).isEqualTo("interlock-coarse-clock");
        }
    }

    @Test
    void on_a_hand_driven_clock_only_the_coarse_clock_has_a_thread() {
        try (Timers timers = new Timers(new ManualTimeSource())) {
            assertThat(timers.workers())
                    .singleElement()
                    .satisfies(clock -> assertThat(clock.name()).isEqualTo("interlock-coarse-clock"));
        }
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
