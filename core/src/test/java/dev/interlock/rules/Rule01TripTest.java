package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.onlyRate;
import static dev.interlock.rules.Fixtures.onlyStreak;
import static dev.interlock.rules.Fixtures.slowFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.Figures;
import dev.interlock.Lab;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.TransitionCause;
import dev.interlock.Treatment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule 1: closed, and what trips. */
class Rule01TripTest {
    @Test
    void closed_admits_every_call() {
        Lab lab = new Lab();
        for (int i = 0; i < 1_000; i++) {
            lab.begin();
        }
        assertThat(lab).isClosed();
    }

    @Test
    void a_streak_trips_when_it_reaches_its_threshold_and_not_before() {
        Lab lab = new Lab(onlyStreak(3));
        lab.fail(2);
        assertThat(lab).isClosed().hasStreak(2);

        lab.fail();

        assertThat(lab).isOpen();
        assertThat(lab.lastHeard().describe()).isEqualTo("agent: CLOSED -> OPEN, 3 failures in a row (ERROR)");
    }

    @Test
    void one_failure_is_reported_as_one() {
        Lab lab = new Lab(onlyStreak(1));
        lab.fail();

        assertThat(lab.lastHeard().describe()).isEqualTo("agent: CLOSED -> OPEN, 1 failure (ERROR)");
    }

    @Test
    void a_rate_trips_when_it_equals_its_threshold() {
        Lab lab = new Lab(onlyRate(0.55, 100));
        lab.succeed(45).fail(54);
        assertThat(lab).isClosed();

        lab.fail();

        assertThat(lab).isOpen();
        assertThat(lab.lastHeard().describe()).isEqualTo("agent: CLOSED -> OPEN, failure rate 55 of 100 (ERROR)");
    }

    @Test
    void a_rate_does_not_count_below_the_minimum_of_calls() {
        Lab lab = new Lab(onlyRate(0.5, 10));
        lab.fail(9);
        assertThat(lab).isClosed();

        lab.fail();
        assertThat(lab).isOpen();
    }

    @Test
    void a_fast_success_never_trips_even_when_it_completes_the_minimum() {
        Lab lab = new Lab(onlyRate(0.5, 10));
        lab.fail(9).succeed();

        assertThat(lab).isClosed().hasCounted(10, 9);
        lab.fail();
        assertThat(lab).isOpen();
    }

    @Test
    void a_kind_that_trips_does_so_at_once() {
        Lab lab = new Lab();
        lab.fail(FailureKind.QUOTA_EXHAUSTED);

        assertThat(lab).isOpen();
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.FAILURE_KIND);
        assertThat(lab.lastHeard().kind()).isEqualTo(FailureKind.QUOTA_EXHAUSTED);
    }

    @Test
    void a_kind_is_treated_as_the_policy_says() {
        Lab lab = new Lab(settings()
                .failureKind(FailureKind.ERROR, Treatment.TRIP)
                .failureKind(FailureKind.LOOP, Treatment.IGNORE)
                .build());
        lab.fail(FailureKind.LOOP);
        assertThat(lab).isClosed().hasCounted(0, 0);

        lab.fail(FailureKind.ERROR);
        assertThat(lab).isOpen();
    }

    @Test
    void slow_successes_trip_when_their_rate_reaches_its_threshold() {
        Lab lab = new Lab(slowFrom(5).minRequestsForRate(4).build());
        lab.succeed(2).slow(seconds(5));
        assertThat(lab).isClosed();

        lab.slow(seconds(5));

        assertThat(lab).isOpen();
        assertThat(lab.lastHeard().describe()).isEqualTo("agent: CLOSED -> OPEN, slow-call rate 2 of 4");
    }

    @Test
    void a_call_is_slow_from_exactly_its_duration_on() {
        Lab lab = new Lab(slowFrom(5).build());
        lab.slow(seconds(5).minus(A_NANO)).slow(seconds(5));

        Figures figures = lab.circuit.snapshot().figures();
        assertThat(figures.timed()).isEqualTo(2);
        assertThat(figures.slow()).isEqualTo(1);
        assertThat(figures.slowCallRate()).isEqualTo(0.5);
        assertThat(new Figures(0, 0, 0, 0, 0).slowCallRate()).isZero();
    }

    @Test
    void the_permit_measures_a_call_that_nobody_else_did() {
        Lab lab = new Lab(slowFrom(5).build());
        Permit call = lab.begin();
        lab.pass(seconds(5));
        call.succeed();

        assertThat(lab.circuit.snapshot().figures().slow()).isEqualTo(1);
    }

    @Test
    void the_permit_measures_from_when_it_was_given() {
        Lab lab = new Lab(slowFrom(5).build());
        lab.pass(seconds(100));
        Permit call = lab.begin();
        lab.pass(seconds(5).minus(A_NANO));
        call.succeed();

        assertThat(lab.circuit.snapshot().figures().slow()).isZero();
    }

    @Test
    void a_reported_duration_counts_and_not_the_permits_own_even_if_it_is_zero() {
        Lab lab = new Lab(slowFrom(5).build());
        Permit call = lab.begin();
        lab.pass(seconds(60));
        call.settle(Outcome.success().took(Duration.ZERO));

        assertThat(lab.circuit.snapshot().figures().timed()).isEqualTo(1);
        assertThat(lab.circuit.snapshot().figures().slow()).isZero();
    }

    @Test
    void without_rules_only_a_kind_can_trip() {
        Lab lab = new Lab(
                settings().failureThreshold(null).failureRateThreshold(null).build());
        lab.fail(1_000);
        assertThat(lab).isClosed();

        lab.fail(FailureKind.BUDGET);
        assertThat(lab).isOpen();
    }

    @Test
    void a_slow_call_that_trips_says_how_many_failures_in_a_row_came_before_it() {
        Lab lab = new Lab(
                slowFrom(5).failureRateThreshold(null).minRequestsForRate(4).build());
        lab.fail(2).end(Outcome.cancelled().took(seconds(5)), 2);

        assertThat(lab).isOpen();
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.SLOW_CALL_RATE);
        assertThat(lab.lastHeard().figures()).isEqualTo(new Figures(2, 2, 4, 2, 2));
    }

    @Test
    void a_call_that_says_how_long_it_took_is_not_measured() {
        Lab lab = new Lab(slowFrom(5).build());
        Permit quick = lab.begin();
        Permit measured = lab.begin();
        lab.pass(seconds(5));
        quick.settle(Outcome.success().took(Duration.ZERO));
        assertThat(lab.circuit.snapshot().figures().slow()).isZero();
        measured.succeed();
        assertThat(lab.circuit.snapshot().figures().slow()).isEqualTo(1);
    }
}
