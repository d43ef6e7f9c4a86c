package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Those who hear what happens. */
class ListenerTest {
    private final Thread.UncaughtExceptionHandler before =
            Thread.currentThread().getUncaughtExceptionHandler();

    /** Runs what it was given when asked to: a listener that is as slow as the test wants. */
    private static final class Later {
        private final Queue<Runnable> waiting = new ArrayDeque<>();

        void runAll() {
            for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                next.run();
            }
        }
    }

    private static final class Heard implements CircuitListener {
        private final List<String> events = new ArrayList<>();

        @Override
        public void onTransition(StateTransition transition) {
            events.add(transition.from() + " to " + transition.to());
        }

        @Override
        public void onRepeatedOverride(CircuitId id, ManualOverride override, java.time.Instant at) {
            events.add("again " + override.action() + " of " + id);
        }

        @Override
        public void onMissed(long missed) {
            events.add("missed " + missed);
        }
    }

    @AfterEach
    void restoreTheHandler() {
        Thread.currentThread().setUncaughtExceptionHandler(before);
    }

    @Test
    void on_the_same_thread_a_listener_hears_before_the_move_returns() {
        Lab lab = new Lab();
        List<CircuitState> seen = new ArrayList<>();
        lab.circuits.addListener(transition -> seen.add(lab.circuit.state()));

        lab.trip();

        assertThat(seen).containsExactly(CircuitState.OPEN);
    }

    @Test
    void a_transition_says_everything() {
        Lab lab = new Lab();
        lab.pass(seconds(10)).succeed(2).fail(5);

        assertThat(lab.lastHeard())
                .isEqualTo(new StateTransition(
                        CircuitId.of("agent"),
                        CircuitState.CLOSED,
                        CircuitState.OPEN,
                        lab.circuit.snapshot().epoch(),
                        lab.time.wallTime(),
                        TransitionCause.FAILURE_STREAK,
                        null,
                        FailureKind.ERROR,
                        seconds(60),
                        new Figures(7, 5, 0, 0, 5),
                        null,
                        null,
                        null));
    }

    @Test
    void a_listener_that_throws_hurts_neither_the_others_nor_the_circuit() {
        List<Throwable> uncaught = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
        Heard after = new Heard();
        Lab lab = new Lab(
                CircuitBreakerConfig.defaults(),
                builder -> builder.listener(transition -> {
                            throw new StackOverflowError("listener");
                        })
                        .listener(after));

        lab.tripAndCool().succeed();

        assertThat(lab).isHalfOpen();
        assertThat(after.events).containsExactly("CLOSED to OPEN", "OPEN to HALF_OPEN");
        assertThat(uncaught).hasSize(2);
    }

    @Test
    void a_slow_listener_holds_up_nobody_but_itself() {
        CountDownLatch release = new CountDownLatch(1);
        List<StateTransition> slow = new ArrayList<>();
        List<StateTransition> quick = java.util.Collections.synchronizedList(new ArrayList<>());
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(new ManualTimeSource())
                .listener(transition -> {
                    awaitQuietly(release);
                    slow.add(transition);
                })
                .listener(quick::add)
                .build()) {
            circuits.getOrCreate("agent").recordFailure(FailureKind.LOOP);
            circuits.override(CircuitId.of("agent"), ManualOverride.of(OverrideAction.CLOSE, "ada"));

            Awaitility.await().until(() -> quick.size() == 2);
            assertThat(slow).isEmpty();
            release.countDown();
        }
        assertThat(slow).hasSize(2);
    }

    @Test
    void what_does_not_fit_into_the_queue_is_counted_and_reported_before_the_next_event() {
        Later later = new Later();
        Heard heard = new Heard();
        Lab lab = new Lab(
                CircuitBreakerConfig.defaults(),
                builder ->
                        builder.executor(later.waiting::add).listenerCapacity(2).listener(heard));
        lab.override(OverrideAction.RESET);
        lab.override(OverrideAction.OPEN);
        lab.override(OverrideAction.CLOSE);
        lab.override(OverrideAction.RESET);
        lab.override(OverrideAction.RESET);
        assertThat(lab.circuits.missedEvents())
                .as("three, of each of two listeners")
                .isEqualTo(6);
        assertThat(heard.events).isEmpty();

        later.runAll();

        assertThat(heard.events).containsExactly("missed 3", "CLOSED to CLOSED", "CLOSED to OPEN");
        lab.override(OverrideAction.OPEN);
        later.runAll();
        assertThat(heard.events).last().isEqualTo("CLOSED to OPEN");
        assertThat(heard.events).filteredOn(event -> event.startsWith("missed")).hasSize(1);
    }

    @Test
    void a_listener_may_itself_override_and_all_still_hear_in_order() {
        Lab lab = new Lab();
        Heard second = new Heard();
        lab.circuits.addListener(transition -> {
            if (transition.to() == CircuitState.OPEN && transition.actor() == null) {
                lab.override(OverrideAction.HOLD_OPEN);
            }
        });
        lab.circuits.addListener(second);

        lab.trip();

        assertThat(lab).isOpen().isHeld();
        assertThat(second.events).containsExactly("CLOSED to OPEN", "OPEN to OPEN");
        assertThat(lab.heard).extracting(StateTransition::epoch).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void a_repeated_override_is_reported_as_such() {
        Heard heard = new Heard();
        Lab lab = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.listener(heard));
        lab.override(OverrideAction.CLOSE);

        assertThat(heard.events).containsExactly("again CLOSE of agent");
    }

    @Test
    void trust_that_probes_have_earned_is_heard_once() {
        Lab probed = new Lab(CircuitBreakerConfig.recommendedWithProbe(), builder -> builder.probe("*", id -> true));
        probed.trusted();
        assertThat(probed.trust).singleElement().satisfies(earned -> {
            assertThat(earned.id()).isEqualTo(probed.circuit.id());
            assertThat(earned.trusted()).isTrue();
        });
    }

    @Test
    void a_listener_that_was_removed_hears_nothing_more() {
        Lab lab = new Lab();
        Heard heard = new Heard();
        lab.circuits.addListener(heard);
        lab.trip();
        lab.circuits.removeListener(heard);

        lab.override(OverrideAction.CLOSE);

        assertThat(heard.events).containsExactly("CLOSED to OPEN");
    }

    @Test
    void removing_one_listener_leaves_the_others() {
        Lab lab = new Lab();
        Heard removed = new Heard();
        lab.circuits.addListener(removed);
        lab.circuits.removeListener(removed);

        lab.trip();

        assertThat(removed.events).isEmpty();
        assertThat(lab.heard).hasSize(1);
    }

    @Test
    void events_that_an_executor_refused_take_up_no_place_in_the_queue() {
        boolean[] broken = {true};
        Lab lab = new Lab(
                CircuitBreakerConfig.defaults(),
                builder -> builder.listenerCapacity(1).executor(task -> {
                    if (broken[0]) {
                        throw new IllegalStateException("no thread can be made");
                    }
                    task.run();
                }));
        for (int i = 0; i < 3; i++) {
            lab.override(OverrideAction.RESET);
        }
        broken[0] = false;

        lab.override(OverrideAction.RESET);
        lab.override(OverrideAction.RESET);

        assertThat(lab.heard).hasSize(2);
        assertThat(lab.circuits.missedEvents()).isEqualTo(3);
    }

    @Test
    void threads_that_nobody_gave_keep_no_program_from_ending() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            CompletableFuture<Thread> listener = new CompletableFuture<>();
            circuits.addListener(transition -> listener.complete(Thread.currentThread()));

            circuits.getOrCreate("agent").recordFailure(FailureKind.LOOP);

            assertThat(listener)
                    .succeedsWithin(Duration.ofSeconds(30))
                    .matches(thread -> thread.isDaemon(), "is a daemon");
        }
    }

    @Test
    void an_executor_that_is_closed_costs_events_and_nothing_else() {
        CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(new ManualTimeSource())
                .listener(transition -> {})
                .build();
        circuits.close();

        circuits.getOrCreate("agent").recordFailure(FailureKind.LOOP);

        assertThat(circuits.getOrCreate("agent")).isOpen();
        assertThat(circuits.missedEvents()).isEqualTo(1);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
