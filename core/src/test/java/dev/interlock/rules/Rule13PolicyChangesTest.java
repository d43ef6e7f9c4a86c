package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static dev.interlock.rules.Fixtures.onlyStreak;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Window;
import org.junit.jupiter.api.Test;

/** Rule 13: policies that change while calls run. */
class Rule13PolicyChangesTest {
    private final Lab lab = new Lab();

    @Test
    void a_change_takes_effect_at_once() {
        lab.fail(3).govern(onlyStreak(4));

        lab.fail();

        assertThat(lab).isOpen();
    }

    @Test
    void a_lower_threshold_than_the_streak_trips_at_the_next_failure_and_not_by_itself() {
        lab.fail(4).govern(onlyStreak(2));
        assertThat(lab).isClosed().hasStreak(4);

        lab.fail();
        assertThat(lab).isOpen();
    }

    @Test
    void state_epoch_and_running_cooldown_stay() {
        lab.trip().pass(seconds(20));
        long epoch = lab.circuit.snapshot().epoch();

        lab.govern(settings().cooldown(seconds(5)).build());

        assertThat(lab).isOpen().hasEpoch(epoch).refusesFor(seconds(40));
    }

    @Test
    void the_next_cooldown_is_the_new_one() {
        lab.trip().govern(settings().cooldown(seconds(5)).build());
        lab.pass(COOLDOWN).fail();

        assertThat(lab).refusesFor(seconds(5));
    }

    @Test
    void a_hold_stays() {
        lab.override(OverrideAction.HOLD_OPEN);
        lab.govern(CircuitBreakerConfig.recommended());

        assertThat(lab).isOpen().isHeld();
    }

    @Test
    void a_hold_closed_stays_under_a_window_of_another_shape_and_ends_in_time() {
        lab.hold(OverrideAction.HOLD_CLOSED, seconds(60));
        lab.fail(7);
        lab.govern(settings().window(Window.ofCalls(20)).build());

        lab.fail();

        assertThat(lab).isClosed().isHeld().hasStreak(8);
        lab.pass(seconds(60));
        assertThat(lab).isNotHeld();
    }

    @Test
    void trials_out_stay() {
        Permit trial = lab.firstTrial();
        lab.govern(settings().halfOpenMaxRequests(1).successThreshold(1).build());
        assertThat(lab).isHalfOpen().hasTrials(1, 0);
        lab.refusal();

        trial.succeed();

        assertThat(lab).isClosed();
    }

    @Test
    void enough_successes_for_a_lower_threshold_close_at_the_next_call() {
        Lab lab = new Lab(settings().successThreshold(3).build());
        lab.firstTrial().succeed();
        lab.succeed();

        lab.govern(settings().successThreshold(2).build());
        assertThat(lab).isHalfOpen();

        lab.begin();
        assertThat(lab).isClosed();
    }

    @Test
    void streak_and_window_stay_when_the_window_keeps_its_shape() {
        lab.succeed(3).fail(2);
        lab.govern(settings().failureThreshold(9).cooldown(seconds(1)).build());

        lab.fail();

        assertThat(lab).hasStreak(3).hasCounted(6, 3);
    }

    @Test
    void a_window_of_another_shape_starts_clean_and_the_streak_stays() {
        lab.succeed(3).fail(2);
        lab.govern(settings().window(Window.ofCalls(20)).build());

        lab.fail();

        assertThat(lab).hasStreak(3).hasCounted(1, 1);
    }
}
