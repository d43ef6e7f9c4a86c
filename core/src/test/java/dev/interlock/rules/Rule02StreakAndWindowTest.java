package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static dev.interlock.rules.Fixtures.onlyRate;
import static dev.interlock.rules.Fixtures.onlyStreak;
import static dev.interlock.rules.Fixtures.slowFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Lab;
import dev.interlock.Outcome;
import dev.interlock.TransitionCause;
import dev.interlock.Window;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule 2: streak and window. */
class Rule02StreakAndWindowTest {
    @Test
    void a_success_ends_the_streak() {
        Lab lab = new Lab(onlyStreak(3));
        lab.fail(2).succeed().fail(2);

        assertThat(lab).isClosed().hasStreak(2);
    }

    @Test
    void a_slow_success_ends_the_streak_as_well_and_the_trip_says_so() {
        Lab lab = new Lab(
                slowFrom(5).failureRateThreshold(null).minRequestsForRate(4).build());
        lab.fail(2).slow(seconds(5));
        assertThat(lab).isClosed().hasStreak(0);

        lab.slow(seconds(5));

        assertThat(lab).isOpen().hasStreak(0);
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.SLOW_CALL_RATE);
    }

    @Test
    void a_cancelled_call_that_hung_does_not_end_the_streak() {
        Lab lab = new Lab(slowFrom(5).build());
        lab.fail(2).end(Outcome.cancelled().took(seconds(5)));

        assertThat(lab).isClosed().hasStreak(2);
    }

    @Test
    void the_streak_has_no_time_limit_while_the_circuit_is_used() {
        Lab lab = new Lab(onlyStreak(20));
        for (int failures = 0; failures < 19; failures++) {
            lab.fail().pass(Duration.ofHours(23));
        }
        assertThat(lab.fail()).isOpen();
    }

    @Test
    void a_circuit_idle_for_a_day_is_forgotten_with_its_streak() {
        Lab lab = new Lab(onlyStreak(3));
        lab.fail(2).pass(Duration.ofHours(26));

        assertThat(lab.circuits.size()).isZero();
        assertThat(lab.fail(2)).isClosed().hasStreak(2);
    }

    @Test
    void an_outcome_counts_for_at_least_the_window() {
        for (int start = 0; start < 60; start++) {
            Lab lab = new Lab();
            lab.pass(seconds(start)).succeed().pass(COOLDOWN);
            assertThat(lab).hasCounted(1, 0);
        }
    }

    @Test
    void an_outcome_counts_for_at_most_a_tenth_longer_than_the_window() {
        for (int start = 0; start < 60; start++) {
            Lab lab = new Lab();
            lab.pass(seconds(start)).succeed().pass(seconds(66));
            assertThat(lab).hasCounted(0, 0);
        }
    }

    @Test
    void successes_before_the_first_failure_count_too() {
        Lab lab = new Lab(onlyRate(0.5, 10));
        lab.succeed(6).fail(5);

        assertThat(lab).isClosed().hasCounted(11, 5);
        lab.fail();
        assertThat(lab).isOpen();
    }

    @Test
    void a_window_of_calls_holds_the_last_ones_however_old() {
        Lab lab = new Lab(
                settings().window(Window.ofCalls(4)).failureRateThreshold(null).build());
        lab.fail(2).succeed(2).pass(Duration.ofHours(20)).succeed();

        assertThat(lab).hasCounted(4, 1);
    }
}
