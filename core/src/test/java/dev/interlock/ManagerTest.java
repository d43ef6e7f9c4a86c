package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The front door: circuits by name, snapshots, overrides, epochs, closing. */
class ManagerTest {
    private static final CircuitId AGENT = CircuitId.of("agent");

    private final Lab lab = new Lab();

    @Test
    void there_is_one_circuit_for_each_id() {
        assertThat(lab.circuits.getOrCreate("agent")).isSameAs(lab.circuit).isSameAs(lab.circuits.getOrCreate(AGENT));
        assertThat(lab.circuits.getOrCreate(new CircuitId("acme", "agent"))).isNotSameAs(lab.circuit);
        assertThat(lab.circuits.size()).isEqualTo(2);
    }

    @Test
    void many_threads_that_ask_at_once_get_the_same_circuit() {
        List<CompletableFuture<CircuitBreaker>> asked = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        for (int i = 0; i < 8; i++) {
            asked.add(CompletableFuture.supplyAsync(
                    () -> {
                        awaitQuietly(start);
                        return lab.circuits.getOrCreate("new");
                    },
                    task -> new Thread(task).start()));
        }
        start.countDown();

        assertThat(asked).extracting(CompletableFuture::join).containsOnly(lab.circuits.getOrCreate("new"));
        assertThat(lab.circuits.size()).isEqualTo(2);
    }

    @Test
    void a_snapshot_of_an_agent_never_heard_of_is_closed_and_makes_no_circuit() {
        CircuitSnapshot snapshot = lab.circuits.snapshot(CircuitId.of("never"));

        assertThat(snapshot.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(snapshot.since()).isNull();
        assertThat(snapshot.policy()).isEqualTo("default");
        assertThat(snapshot.isNotClosed()).isFalse();
        assertThat(lab.circuits.size()).isEqualTo(1);
    }

    @Test
    void a_snapshot_shows_all_there_is_to_know() {
        lab.pass(seconds(10)).succeed(3).fail(5).pass(seconds(20));

        CircuitSnapshot snapshot = lab.circuits.snapshot(AGENT);

        assertThat(snapshot.id()).isEqualTo(AGENT);
        assertThat(snapshot.state()).isEqualTo(CircuitState.OPEN);
        assertThat(snapshot.figures()).isEqualTo(new Figures(8, 5, 0, 0, 5));
        assertThat(snapshot.figures().failureRate()).isEqualTo(0.625);
        assertThat(snapshot.openings()).isEqualTo(1);
        assertThat(snapshot.openedAt()).isEqualTo("2026-01-01T00:00:10Z");
        assertThat(snapshot.since()).isEqualTo("2026-01-01T00:00:10Z");
        assertThat(snapshot.retryAfter()).isEqualTo(seconds(40));
        assertThat(snapshot.lastTransition()).isEqualTo(lab.lastHeard());
        assertThat(snapshot.hold()).isNull();
        assertThat(snapshot.isNotClosed()).isTrue();
    }

    @Test
    void a_snapshot_in_closed_says_when_the_last_failure_was() {
        lab.pass(seconds(10)).fail().pass(seconds(5)).succeed();

        assertThat(lab.circuit.snapshot().lastFailureAt()).isEqualTo("2026-01-01T00:00:10Z");
        assertThat(lab.circuit.snapshot().openedAt()).isNull();
    }

    @Test
    void a_failed_trial_is_the_last_failure() {
        lab.trip();
        lab.pass(seconds(60)).begin().fail(FailureKind.ERROR);

        assertThat(lab.circuit.snapshot().lastFailureAt()).isEqualTo("2026-01-01T00:01:00Z");
    }

    @Test
    void a_slow_trial_reopens_and_is_no_failure() {
        Lab lab = new Lab(Lab.settings()
                .slowCallDuration(Duration.ofSeconds(5))
                .slowCallRateThreshold(0.5)
                .build());
        lab.tripAndCool();
        Instant failed = lab.circuit.snapshot().lastFailureAt();
        lab.end(Outcome.success().took(Duration.ofSeconds(5)));
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.OPEN);
        assertThat(lab.circuit.snapshot().lastFailureAt()).isEqualTo(failed).isNotEqualTo(lab.time.wallTime());
    }

    @Test
    void a_hold_that_a_person_ends_leaves_no_timer_behind() {
        Lab lab = new Lab();
        int timers = lab.circuits.engine().timers.size();
        lab.hold(OverrideAction.HOLD_OPEN, Duration.ofHours(1));
        assertThat(lab.circuits.engine().timers.size()).isEqualTo(timers + 1);
        lab.override(OverrideAction.RELEASE);
        assertThat(lab.circuits.engine().timers.size()).isEqualTo(timers);
    }

    @Test
    void all_snapshots_are_of_all_circuits_or_of_one_organization() {
        lab.circuits.getOrCreate(new CircuitId("acme", "planner"));

        assertThat(lab.circuits.snapshots())
                .extracting(each -> each.id().toString())
                .containsExactlyInAnyOrder("agent", "acme/planner");
        assertThat(lab.circuits.snapshots("acme")).hasSize(1);
        assertThat(lab.circuits.snapshots("nobody")).isEmpty();
    }

    @Test
    void those_that_need_attention_are_open_half_open_or_held() {
        for (String name : List.of("closed", "open", "half-open", "held-open", "held-closed", "closed-again")) {
            lab.circuits.getOrCreate(name);
        }
        lab.circuits.getOrCreate("half-open").recordFailure(FailureKind.LOOP);
        lab.pass(seconds(60));
        lab.circuits.getOrCreate("half-open").acquire();
        override("open", OverrideAction.OPEN);
        override("held-open", OverrideAction.HOLD_OPEN);
        override("held-closed", OverrideAction.HOLD_CLOSED);
        override("closed-again", OverrideAction.OPEN);
        override("closed-again", OverrideAction.CLOSE);

        assertThat(lab.circuits.snapshotsNotClosed())
                .extracting(each -> each.id().name())
                .containsExactlyInAnyOrder("open", "half-open", "held-open", "held-closed");
        assertThat(lab.circuits.snapshotsNotClosed("acme")).isEmpty();
        CircuitId acmes = new CircuitId("acme", "open");
        lab.circuits.override(acmes, ManualOverride.of(OverrideAction.OPEN, "ada"));
        assertThat(lab.circuits.snapshotsNotClosed("acme"))
                .singleElement()
                .satisfies(open -> assertThat(open.id()).isEqualTo(acmes));
        assertThat(lab.circuits.snapshotsNotClosed()).hasSize(5);
    }

    @Test
    void those_that_need_attention_cost_what_they_are_and_not_what_there_is() {
        for (int i = 0; i < 50_000; i++) {
            lab.circuits.getOrCreate("agent-" + i);
        }
        override("agent-7", OverrideAction.OPEN);

        Registry registry = lab.circuits.registry();
        assertThat(registry.all("default")).hasSize(50_001);
        assertThat(registry.notClosed("default")).hasSize(1);
        override("agent-7", OverrideAction.CLOSE);
        assertThat(registry.notClosed("default")).isEmpty();
    }

    @Test
    void an_override_makes_the_circuit_that_it_is_for() {
        assertThat(lab.circuits.override(CircuitId.of("new"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ada")))
                .isTrue();
        assertThat(lab.circuits.getOrCreate("new")).isOpen().isHeld();
        assertThat(lab.circuits.override(AGENT, ManualOverride.of(OverrideAction.CLOSE, "ada")))
                .as("it is closed")
                .isFalse();
    }

    @Test
    void a_hold_says_actor_reason_and_end() {
        ManualOverride hold = ManualOverride.of(OverrideAction.HOLD_OPEN, "ada")
                .because("deploying")
                .until(lab.time.wallTime().plusSeconds(600));
        lab.circuits.override(AGENT, hold);

        assertThat(lab.circuits.snapshot(AGENT).hold()).isEqualTo(new Hold(hold.until(), "ada", "deploying"));
    }

    @Test
    void epochs_begin_at_the_generation_times_two_to_the_32() {
        Lab lab = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.generation(7));

        assertThat(lab).hasEpoch(7L << 32);
        lab.trip();
        assertThat(lab).hasEpoch((7L << 32) + 1);
    }

    @Test
    void close_can_be_called_twice_and_circuits_go_on_answering() {
        lab.circuits.close();
        lab.circuits.close();

        lab.trip();
        assertThat(lab).isOpen();
        lab.pass(seconds(60)).succeed(2);
        assertThat(lab).isClosed();
    }

    @Test
    void after_close_no_hold_ends_by_itself_but_a_call_ends_it() {
        lab.hold(OverrideAction.HOLD_OPEN, seconds(60));
        lab.circuits.close();
        lab.pass(seconds(60));
        assertThat(lab).isHeld();

        lab.begin();

        assertThat(lab).isHalfOpen().isNotHeld();
    }

    @Test
    void and_so_does_an_outcome_without_a_permit_which_is_then_a_trial() {
        Lab lab = new Lab();
        lab.hold(OverrideAction.HOLD_OPEN, Duration.ofSeconds(30));
        lab.circuits.close();
        lab.pass(Duration.ofSeconds(30));

        assertThat(lab.circuit.recordSuccess()).isEqualTo(Settlement.COUNTED);

        assertThat(lab).isHalfOpen().isNotHeld().hasTrials(0, 1);
    }

    @Test
    void close_hands_what_listeners_still_have_to_hear_to_them() {
        List<StateTransition> heard = new ArrayList<>();
        CircuitBreakerManager circuits =
                CircuitBreakerManager.builder().listener(heard::add).build();
        circuits.getOrCreate("agent").recordFailure(FailureKind.LOOP);

        circuits.close();

        assertThat(heard).hasSize(1);
    }

    @Test
    void close_leaves_a_given_executor_open_and_takes_its_own_thread_away() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            assertThat(circuits.size()).isZero();
        }
        List<Runnable> ran = new ArrayList<>();
        Lab lab = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.executor(ran::add));
        lab.circuits.close();
        lab.trip();

        assertThat(ran).as("given to the executor after close").hasSize(1);
    }

    @Test
    void a_broken_random_source_or_name_is_reported_in_words() {
        assertThatThrownBy(() -> lab.circuits.guard(" ")).hasMessage("A circuit's name must not be empty or blank");
        assertThatThrownBy(() -> lab.circuits.getOrCreate(""))
                .hasMessage("A circuit's name must not be empty or blank");
    }

    @Test
    void a_manager_works_on_the_clocks_of_the_machine() {
        CircuitBreakerConfig quick = Lab.settings()
                .cooldown(Duration.ofMillis(20))
                .successThreshold(1)
                .build();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(quick)) {
            CircuitBreaker circuit = circuits.getOrCreate("agent");
            circuit.recordFailure(FailureKind.LOOP);
            assertThat(circuit).isOpen();

            Awaitility.await().until(() -> {
                Permit permit = circuit.tryAcquire();
                return permit != null && permit.succeed() == Settlement.COUNTED;
            });

            assertThat(circuit).isClosed();
        }
    }

    private void override(String name, OverrideAction action) {
        lab.circuits.override(CircuitId.of(name), ManualOverride.of(action, "ada"));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
