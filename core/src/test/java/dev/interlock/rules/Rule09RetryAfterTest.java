package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static dev.interlock.rules.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Window;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule 9: Retry-After. */
class Rule09RetryAfterTest {
    private final Lab lab = new Lab();

    private static void rateLimited(Lab lab, Duration retryAfter) {
        lab.end(failure(FailureKind.RATE_LIMITED).retryAfter(retryAfter));
    }

    private static void overloaded(Lab lab, Duration retryAfter) {
        lab.end(failure(FailureKind.OVERLOADED).retryAfter(retryAfter));
    }

    private void rateLimited(Duration retryAfter) {
        rateLimited(lab, retryAfter);
    }

    private void overloaded(Duration retryAfter) {
        overloaded(lab, retryAfter);
    }

    // Each wait.

    @Test
    void a_wait_runs_from_its_own_failure() {
        overloaded(seconds(100));
        lab.pass(seconds(30)).fail(4);
        assertThat(lab).isOpen().refusesFor(seconds(70));
    }

    @Test
    void a_wait_is_at_least_a_second() {
        rateLimited(Duration.ofMillis(1));
        assertThat(lab).isOpen().refusesFor(seconds(1));
    }

    @Test
    void what_a_wait_is_at_least_is_a_setting() {
        Lab patient = new Lab(settings().retryAfterMin(seconds(7)).build());
        rateLimited(patient, seconds(6));
        assertThat(patient).isOpen().refusesFor(seconds(7));
    }

    @Test
    void up_to_a_fifth_is_added_for_a_rate_limit() {
        lab.chance = 0.5;
        rateLimited(seconds(100));
        assertThat(lab).refusesFor(seconds(110));
    }

    @Test
    void the_fifth_comes_on_top_of_the_least() {
        lab.chance = 0.5;
        rateLimited(Duration.ofMillis(1));
        assertThat(lab).refusesFor(seconds(1.1));
    }

    @Test
    void nothing_is_added_for_another_kind() {
        Lab lab = new Lab(settings().cooldown(seconds(1)).build());
        lab.chance = 0.5;
        lab.end(failure(FailureKind.LOOP).retryAfter(seconds(100)));
        assertThat(lab).refusesFor(seconds(100));
    }

    @Test
    void a_wait_is_capped_with_all_that_is_added() {
        lab.chance = 0.999;
        rateLimited(Duration.ofMinutes(59));
        assertThat(lab).refusesFor(Duration.ofHours(1));
    }

    @Test
    void for_another_kind_it_is_capped_too() {
        lab.end(failure(FailureKind.AUTHENTICATION).retryAfter(Duration.ofDays(400)));
        assertThat(lab).refusesFor(Duration.ofHours(1));
    }

    @Test
    void zero_is_as_if_there_were_none() {
        for (int i = 1; i <= 4; i++) {
            rateLimited(Duration.ZERO);
            assertThat(lab).isClosed().hasStreak(i);
        }
        rateLimited(Duration.ZERO);
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    @Test
    void a_rate_limit_without_it_counts_and_does_not_trip() {
        lab.fail(FailureKind.RATE_LIMITED);
        assertThat(lab).isClosed().hasStreak(1);
    }

    // By RATE_LIMITED with a wait.

    @Test
    void for_a_rate_limit_it_is_the_cooldown_when_shorter() {
        rateLimited(seconds(10));
        assertThat(lab).isOpen().refusesFor(seconds(10));
    }

    @Test
    void for_a_rate_limit_it_is_the_cooldown_when_longer() {
        rateLimited(seconds(600));
        assertThat(lab).isOpen().refusesFor(seconds(600));
    }

    @Test
    void a_longer_wait_of_the_same_streak_that_still_runs_goes_before_that_of_a_rate_limit() {
        overloaded(seconds(100));
        lab.pass(seconds(30));
        rateLimited(seconds(10));
        assertThat(lab).isOpen().refusesFor(seconds(70));
    }

    @Test
    void a_longer_wait_that_has_ended_does_not() {
        overloaded(seconds(100));
        lab.pass(seconds(95));
        rateLimited(seconds(10));
        assertThat(lab).isOpen().refusesFor(seconds(10));
    }

    @Test
    void a_longer_wait_of_an_earlier_streak_does_not() {
        overloaded(seconds(100));
        lab.succeed();
        rateLimited(seconds(10));
        assertThat(lab).isOpen().refusesFor(seconds(10));
    }

    // By another kind.

    @Test
    void for_another_kind_it_sets_the_cooldown_when_longer() {
        lab.end(failure(FailureKind.AUTHENTICATION).retryAfter(seconds(90)));
        assertThat(lab).refusesFor(seconds(90));
    }

    @Test
    void for_another_kind_it_changes_nothing_when_shorter() {
        lab.end(failure(FailureKind.AUTHENTICATION).retryAfter(seconds(5)));
        assertThat(lab).refusesFor(COOLDOWN);
    }

    @Test
    void the_longest_wait_of_the_streak_counts_and_not_the_last() {
        overloaded(seconds(600));
        overloaded(seconds(90));
        lab.fail(3);
        assertThat(lab).isOpen().refusesFor(seconds(600));
    }

    @Test
    void a_success_ends_the_waits_of_its_streak() {
        overloaded(seconds(600));
        lab.succeed().fail(5);
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    @Test
    void an_ignored_outcome_ends_none() {
        overloaded(seconds(600));
        lab.fail(FailureKind.CANCELLED).fail(4);
        assertThat(lab).isOpen().refusesFor(seconds(600));
    }

    @Test
    void a_streak_here_is_all_failures_since_the_last_success_also_where_a_rate_trips() {
        Lab lab = new Lab(settings()
                .failureThreshold(null)
                .failureRateThreshold(0.5)
                .minRequestsForRate(4)
                .window(Window.ofCalls(4))
                .build());
        overloaded(lab, seconds(900));
        lab.succeed(2);
        overloaded(lab, seconds(300));
        assertThat(lab).isOpen().refusesFor(seconds(300));
    }

    @Test
    void what_an_ignored_outcome_asks_for_is_nothing() {
        Lab lab = new Lab(settings()
                .slowCallDuration(seconds(5))
                .slowCallRateThreshold(1.0)
                .minRequestsForRate(1)
                .build());
        lab.end(failure(FailureKind.CANCELLED).retryAfter(seconds(600)).took(seconds(6)));
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    // Re-opening.

    @Test
    void one_of_the_failure_that_reopens_counts_too() {
        lab.tripAndCool();
        rateLimited(seconds(7));
        assertThat(lab).isOpen().refusesFor(seconds(7)).hasOpened(2);
    }

    @Test
    void a_wait_of_the_trip_that_still_runs_counts_at_the_reopening() {
        lab.end(failure(FailureKind.LOOP).retryAfter(seconds(600)));
        lab.override(OverrideAction.PROBE_NOW);
        lab.fail();
        assertThat(lab).isOpen().hasOpened(2).refusesFor(seconds(600));
        lab.override(OverrideAction.PROBE_NOW);
        lab.pass(seconds(100));
        rateLimited(seconds(7));
        assertThat(lab).isOpen().hasOpened(3).refusesFor(seconds(500));
    }

    @Test
    void a_trial_that_succeeded_has_ended_the_streak() {
        lab.end(failure(FailureKind.LOOP).retryAfter(seconds(600)));
        lab.override(OverrideAction.PROBE_NOW);
        lab.succeed().fail();
        assertThat(lab).isOpen().hasOpened(2).refusesFor(COOLDOWN);
    }

    @Test
    void a_close_forgets_them() {
        lab.end(failure(FailureKind.LOOP).retryAfter(seconds(600)));
        lab.override(OverrideAction.CLOSE);
        lab.fail(5);
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    @Test
    void what_a_person_opens_waits_as_the_streak_was_asked_to() {
        overloaded(seconds(600));
        lab.override(OverrideAction.OPEN);
        assertThat(lab).isOpen().refusesFor(seconds(600));
    }

    // Several callers, late ones, and policies that change.

    @Test
    void with_several_callers_only_the_wait_of_the_failure_that_completes_the_trip_counts() {
        CircuitBreakerConfig several = settings().minCallers(2).build();
        Lab earlier = new Lab(several);
        overloaded(earlier, seconds(600));
        earlier.fail(4);
        assertThat(earlier).isOpen().refusesFor(COOLDOWN);

        Lab last = new Lab(several);
        overloaded(last, seconds(600));
        last.fail(3);
        overloaded(last, seconds(90));
        assertThat(last).isOpen().refusesFor(seconds(90));

        Lab limited = new Lab(several);
        overloaded(limited, seconds(600));
        rateLimited(limited, seconds(10));
        assertThat(limited).isOpen().refusesFor(seconds(10));
    }

    @Test
    void a_wait_of_a_late_failure_changes_nothing() {
        Permit late = lab.begin();
        lab.trip();
        late.settle(failure(FailureKind.RATE_LIMITED).retryAfter(seconds(600)));
        assertThat(lab).refusesFor(COOLDOWN).hasLate(1);
    }

    @Test
    void a_wait_goes_on_under_another_policy_also_with_a_window_of_another_shape() {
        overloaded(seconds(600));
        lab.govern(settings().window(Window.ofCalls(20)).build());
        lab.fail(4);
        assertThat(lab).isOpen().refusesFor(seconds(600));
    }

    @Test
    void a_failing_side_that_says_to_come_at_once_does_not_switch_the_protection_off() {
        Lab lab = new Lab(settings().failureThreshold(5).build());
        int reached = 0;
        for (int i = 0; i < 10_000; i++) {
            Permit permit = lab.circuit.tryAcquire();
            if (permit != null) {
                reached++;
                permit.settle(failure(FailureKind.RATE_LIMITED).retryAfter(Duration.ofMillis(i % 2)));
            }
            lab.pass(Duration.ofMillis(1));
        }
        assertThat(reached).isBetween(5, 12);
    }
}
