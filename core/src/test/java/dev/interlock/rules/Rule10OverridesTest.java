package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule 10: overrides and holds. */
class Rule10OverridesTest {
    private final Lab lab = new Lab();

    @Test
    void open_cools_down_like_any_opening() {
        assertThat(lab.override(OverrideAction.OPEN)).isTrue();
        assertThat(lab).isOpen().isNotHeld().refusesFor(COOLDOWN);

        lab.pass(COOLDOWN).succeed(2);
        assertThat(lab).isClosed();
    }

    @Test
    void open_on_open_is_no_transition_and_keeps_the_cooldown() {
        lab.trip().pass(seconds(20));
        long epoch = lab.circuit.snapshot().epoch();

        assertThat(lab.override(OverrideAction.OPEN)).isFalse();

        assertThat(lab).isOpen().refusesFor(seconds(40)).hasEpoch(epoch);
        assertThat(lab.repeated).hasSize(1);
    }

    @Test
    void open_on_half_open_starts_a_whole_cooldown() {
        lab.firstTrial();
        lab.override(OverrideAction.OPEN);

        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    @Test
    void close_closes_with_a_clean_window() {
        lab.fail(4).trip();
        lab.override(OverrideAction.CLOSE);

        assertThat(lab).isClosed().hasCounted(0, 0).hasStreak(0);
    }

    @Test
    void close_on_closed_is_no_transition_and_forgets_nothing() {
        lab.fail(4);

        assertThat(lab.override(OverrideAction.CLOSE)).isFalse();

        assertThat(lab).hasStreak(4);
        assertThat(lab.heard).isEmpty();
    }

    @Test
    void reset_forgets_all_figures_and_is_always_a_new_epoch() {
        lab.fail(4);
        long epoch = lab.circuit.snapshot().epoch();

        assertThat(lab.override(OverrideAction.RESET)).isTrue();
        assertThat(lab).isClosed().hasStreak(0).hasCounted(0, 0).hasEpoch(epoch + 1);

        assertThat(lab.override(OverrideAction.RESET)).isTrue();
        assertThat(lab).hasEpoch(epoch + 2);
    }

    @Test
    void no_clock_ends_a_hold_open_without_end() {
        lab.override(OverrideAction.HOLD_OPEN);
        lab.pass(Duration.ofDays(365));

        assertThat(lab).isOpen().isHeld();
        lab.refusal();
    }

    @Test
    void hold_closed_lets_everything_through_counts_and_never_trips() {
        lab.override(OverrideAction.HOLD_CLOSED);
        lab.fail(100).fail(FailureKind.LOOP);

        assertThat(lab).isClosed().isHeld().hasCounted(101, 101).hasStreak(101);
    }

    @Test
    void hold_closed_lets_everything_through_an_open_circuit() {
        lab.trip();
        lab.override(OverrideAction.HOLD_CLOSED);

        lab.succeed();
        assertThat(lab).isClosed().isHeld().hasCounted(1, 0);
    }

    @Test
    void release_of_held_open_leads_to_open_with_no_cooldown_left() {
        lab.override(OverrideAction.HOLD_OPEN);

        assertThat(lab.override(OverrideAction.RELEASE)).isTrue();

        assertThat(lab).isOpen().isNotHeld().refusesFor(Duration.ZERO);
        lab.begin();
        assertThat(lab).isHalfOpen();
    }

    @Test
    void release_of_held_closed_leads_to_closed_and_clean() {
        lab.override(OverrideAction.HOLD_CLOSED);
        lab.fail(100);

        assertThat(lab.override(OverrideAction.RELEASE)).isTrue();

        assertThat(lab).isClosed().isNotHeld().hasStreak(0).hasCounted(0, 0);
    }

    @ParameterizedTest
    @EnumSource(
            value = OverrideAction.class,
            names = {"CLOSE", "RESET"})
    void close_and_reset_end_a_hold(OverrideAction action) {
        for (OverrideAction hold : List.of(OverrideAction.HOLD_OPEN, OverrideAction.HOLD_CLOSED)) {
            lab.override(hold);
            assertThat(lab.override(action)).isTrue();
            assertThat(lab).isClosed().isNotHeld();
        }
    }

    @Test
    void release_without_a_hold_is_no_transition() {
        assertThat(lab.override(OverrideAction.RELEASE)).isFalse();
        lab.trip();
        assertThat(lab.override(OverrideAction.RELEASE)).isFalse();
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    @Test
    void a_hold_opens_end_leads_to_open_with_no_cooldown_left() {
        lab.hold(OverrideAction.HOLD_OPEN, seconds(300));
        lab.pass(seconds(300).minus(A_NANO));
        assertThat(lab).isHeld();

        lab.pass(A_NANO);

        assertThat(lab).isOpen().isNotHeld().refusesFor(Duration.ZERO);
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.HOLD_ENDED);
    }

    @Test
    void a_hold_closeds_end_leads_to_closed_and_clean() {
        lab.hold(OverrideAction.HOLD_CLOSED, seconds(300));
        lab.fail(100).pass(seconds(300));

        assertThat(lab).isClosed().isNotHeld().hasStreak(0).hasCounted(0, 0);
    }

    @Test
    void an_end_in_the_past_ends_at_once() {
        lab.hold(OverrideAction.HOLD_OPEN, seconds(-5));
        lab.pass(Duration.ZERO);

        assertThat(lab).isOpen().isNotHeld();
    }

    @Test
    void the_same_hold_again_is_a_repetition_and_one_with_another_end_is_not() {
        lab.override(OverrideAction.HOLD_OPEN);
        assertThat(lab.override(OverrideAction.HOLD_OPEN)).isFalse();

        assertThat(lab.hold(OverrideAction.HOLD_OPEN, seconds(60))).isTrue();

        lab.pass(seconds(60));
        assertThat(lab).isNotHeld();
    }

    @Test
    void a_longer_hold_outlives_the_end_of_the_one_before() {
        lab.hold(OverrideAction.HOLD_OPEN, seconds(60));
        lab.hold(OverrideAction.HOLD_OPEN, seconds(120));

        lab.pass(seconds(60));
        assertThat(lab).isHeld();
        lab.pass(seconds(60));
        assertThat(lab).isNotHeld();
    }

    @Test
    void each_override_bears_actor_time_and_reason() {
        lab.pass(seconds(10));
        lab.circuit.override(ManualOverride.of(OverrideAction.HOLD_OPEN, "ada")
                .because("deploying")
                .until(lab.time.wallTime().plusSeconds(60)));

        StateTransition transition = lab.lastHeard();
        assertThat(transition.actor()).isEqualTo("ada");
        assertThat(transition.reason()).isEqualTo("deploying");
        assertThat(transition.at()).isEqualTo(lab.time.wallTime());
        assertThat(transition.hold()).isEqualTo(lab.circuit.snapshot().hold());
        assertThat(transition.describe())
                .isEqualTo("agent: CLOSED -> OPEN, override, held until 2026-01-01T00:01:10Z, by ada: deploying");
    }

    @Test
    void a_repetition_is_reported_for_the_audit_with_actor_and_reason() {
        lab.circuit.override(ManualOverride.of(OverrideAction.CLOSE, "ada").because("just in case"));

        assertThat(lab.repeated)
                .containsExactly(ManualOverride.of(OverrideAction.CLOSE, "ada").because("just in case"));
    }

    @Test
    void probe_now_ends_the_cooldown_of_an_open_circuit() {
        lab.trip();
        lab.override(OverrideAction.PROBE_NOW);

        assertThat(lab).isOpen().refusesFor(Duration.ZERO);
        lab.succeed(2);
        assertThat(lab).isClosed();
    }

    @Test
    void probe_now_never_lengthens_a_cooldown() {
        lab.tripAndCool().pass(seconds(5));
        lab.override(OverrideAction.PROBE_NOW);

        assertThat(lab).refusesFor(Duration.ZERO);
    }

    @Test
    void probe_now_does_not_touch_a_hold() {
        lab.override(OverrideAction.HOLD_OPEN);
        lab.override(OverrideAction.PROBE_NOW);

        assertThat(lab).isOpen().isHeld();
        lab.refusal();
    }

    @Test
    void probe_now_does_nothing_to_a_closed_or_half_open_circuit() {
        assertThat(lab.override(OverrideAction.PROBE_NOW)).isFalse();
        assertThat(lab).isClosed();

        lab.firstTrial();
        assertThat(lab.override(OverrideAction.PROBE_NOW)).isFalse();
        assertThat(lab).isHalfOpen().hasTrials(1, 0);
    }
}
