package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Gate;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.ManualOverride;
import dev.interlock.Mode;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.TransitionCause;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mode observe: its own trips refuse nothing; a person's open and a hold do. */
class ModeObserveTest {
    private static final CircuitBreakerConfig OBSERVE =
            settings().mode(Mode.OBSERVE).trialsAtOnce(2).build();

    private final Lab lab = new Lab(OBSERVE);

    private static Settlement settle(Permit permit, boolean good) {
        return permit.settle(good ? Outcome.success() : Outcome.failure(FailureKind.ERROR));
    }

    @Test
    void in_open_calls_pass_and_are_late() {
        lab.trip();
        assertThat(lab).isOpen();
        for (int i = 1; i <= 10; i++) {
            Permit passes = lab.begin();
            assertThat(passes.isTrial()).isFalse();
            assertThat(settle(passes, i % 2 == 0)).isEqualTo(Settlement.LATE);
            assertThat(lab).isOpen().hasLate(i).hasOpened(1).refusesFor(COOLDOWN);
        }
    }

    @Test
    void it_trips_by_streak_rate_and_kind_as_ever() {
        lab.fail(5);
        assertThat(lab).isOpen().hasOpened(1).hasStreak(5);
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.FAILURE_STREAK);
    }

    @Test
    void after_the_cooldown_some_are_trials_and_the_others_pass_uncounted() {
        lab.tripAndCool();
        List<Permit> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(lab.begin());
        }
        assertThat(calls).extracting(Permit::isTrial).containsExactly(true, true, false, false, false);
        assertThat(lab).isHalfOpen().hasTrials(2, 0);

        assertThat(settle(calls.get(2), false)).isEqualTo(Settlement.IGNORED);
        assertThat(settle(calls.get(3), true)).isEqualTo(Settlement.IGNORED);
        assertThat(lab).isHalfOpen().hasTrials(2, 0).hasLate(0);
        assertThat(settle(calls.get(0), true)).isEqualTo(Settlement.COUNTED);
        assertThat(settle(calls.get(1), true)).isEqualTo(Settlement.COUNTED);
        assertThat(lab).isClosed().hasCounted(0, 0);
        assertThat(settle(calls.get(4), false)).isEqualTo(Settlement.LATE);
        assertThat(lab).isClosed().hasCounted(0, 0).hasLate(1);
    }

    @Test
    void a_failed_trial_reopens_as_ever_and_calls_go_on_passing() {
        lab.tripAndCool();
        Permit trial = lab.begin();
        Permit other = lab.begin();
        settle(trial, false);
        assertThat(lab).isOpen().hasOpened(2);
        assertThat(settle(other, true)).isEqualTo(Settlement.LATE);
        assertThat(lab.begin().isTrial()).isFalse();
    }

    @Test
    void a_call_that_passed_in_open_is_no_trial_once_the_cooldown_is_over() {
        lab.trip();
        Permit passes = lab.begin();
        lab.pass(COOLDOWN);
        assertThat(settle(passes, false)).isEqualTo(Settlement.LATE);
        assertThat(lab).isOpen();
        lab.begin();
        assertThat(lab).isHalfOpen().hasTrials(1, 0);
    }

    @Test
    void what_passed_is_late_also_where_only_its_epoch_is_known() {
        Guard guard = lab.circuits.guard("agent");
        lab.trip();
        Permit passes = guard.acquire();
        long[] epochs = passes.epochs();
        lab.pass(COOLDOWN);
        assertThat(guard.record(Outcome.failure(FailureKind.ERROR), seconds(70), epochs))
                .isEqualTo(Settlement.LATE);
        Permit trial = lab.begin();
        long[] uncounted = passedOf(guard);
        trial.cancel(); // so that there is a place for another one
        assertThat(guard.record(Outcome.failure(FailureKind.ERROR), seconds(0), uncounted))
                .isEqualTo(Settlement.IGNORED);
        assertThat(lab).isHalfOpen();
    }

    private long[] passedOf(Guard guard) {
        lab.begin();
        Permit third = guard.acquire();
        assertThat(third.isTrial()).isFalse();
        return third.epochs();
    }

    @Test
    void a_permit_that_passed_is_settled_once_and_can_be_given_up() {
        lab.trip();
        Permit passes = lab.begin();
        passes.cancel();
        assertThat(passes.isSettled()).isTrue();
        assertThat(settle(passes, true)).isEqualTo(Settlement.REPEATED);
    }

    @Test
    void a_persons_open_refuses() {
        lab.override(OverrideAction.OPEN);
        assertThat(lab.circuit.tryAcquire()).isNull();
        assertThat(lab.refusal().retryAfter()).isEqualTo(COOLDOWN);
        lab.pass(COOLDOWN).fail();
        assertThat(lab).isOpen().hasOpened(2);
        assertThat(lab.circuit.tryAcquire()).isNull();
    }

    @Test
    void a_persons_open_refuses_also_where_the_circuit_had_tripped_and_the_cooldown_goes_on() {
        lab.trip().pass(seconds(20));
        assertThat(lab.override(OverrideAction.OPEN)).isTrue();
        assertThat(lab).isOpen().hasOpened(1).refusesFor(seconds(40));
        assertThat(lab.circuit.tryAcquire()).isNull();
        assertThat(lab.circuit.snapshot().opening().actor()).isEqualTo("ada");
        assertThat(lab.override(OverrideAction.OPEN)).isFalse();
        lab.pass(seconds(40)).succeed(2).fail(5);
        assertThat(lab).isOpen();
        lab.end(Outcome.success(), 3);
    }

    @Test
    void a_persons_open_in_half_open_refuses() {
        lab.tripAndCool();
        lab.begin();
        lab.override(OverrideAction.OPEN);
        assertThat(lab.circuit.tryAcquire()).isNull();
    }

    @Test
    void a_hold_refuses_and_its_release_lets_pass_again_what_had_tripped_by_itself() {
        lab.trip();
        lab.override(OverrideAction.HOLD_OPEN);
        assertThat(lab.circuit.tryAcquire()).isNull();
        lab.override(OverrideAction.RELEASE);
        assertThat(lab.begin().isTrial()).isTrue();
        assertThat(lab.begin().isTrial()).isTrue();
        assertThat(lab.begin().isTrial()).isFalse();
    }

    @Test
    void a_gate_refuses_in_every_state() {
        lab.trip();
        String organization = lab.circuit.id().organization();
        lab.circuits.gates().put(Gate.ofAgents(organization, "agent", "ada").named("night"));
        assertThat(lab.circuit.tryAcquire()).as("open").isNull();
        lab.pass(COOLDOWN);
        assertThat(lab.circuit.tryAcquire()).as("after the cooldown").isNull();
        lab.override(OverrideAction.CLOSE);
        assertThat(lab.circuit.tryAcquire()).as("closed").isNull();

        lab.circuits.gates().remove(organization, "night", "ada", "over");
        assertThat(lab.circuit.tryAcquire()).isNotNull();
    }

    @Test
    void health_opens_for_nobody() {
        assertThat(lab.circuit.suggest(
                        ManualOverride.of(OverrideAction.OPEN, "health"),
                        lab.circuit.snapshot().epoch()))
                .isTrue();
        assertThat(lab).isOpen();
        assertThat(lab.begin().isTrial()).isFalse();
    }

    @Test
    void of_several_circuits_around_a_call_the_one_that_observes_refuses_none() {
        lab.circuits.putPolicy("model:*", settings().build());
        Guard guard = lab.circuits.guard("agent").dependingOn("model:kimi");
        lab.trip();
        assertThat(guard.<String, RuntimeException>call(() -> "passed")).isEqualTo("passed");
        assertThat(lab).isOpen().hasLate(1);
        lab.circuits.override(guard.dependencies().get(0), ManualOverride.of(OverrideAction.OPEN, "ada"));
        assertThatThrownBy(() -> guard.run(() -> {})).isInstanceOf(CircuitOpenException.class);
    }

    @Test
    void the_mode_takes_effect_at_once_in_either_direction() {
        lab.trip();
        assertThat(lab.circuit.tryAcquire()).isNotNull();
        lab.govern(OBSERVE.toBuilder().mode(Mode.ENFORCE).build());
        assertThat(lab.circuit.tryAcquire()).isNull();
        lab.govern(OBSERVE);
        assertThat(lab.circuit.tryAcquire()).isNotNull();
        assertThat(lab).hasOpened(1);
    }

    @Test
    void a_snapshot_says_so() {
        assertThat(lab.circuit.snapshot().mode()).isEqualTo(Mode.OBSERVE);
        assertThat(new Lab().circuit.snapshot().mode()).isEqualTo(Mode.ENFORCE);
    }
}
