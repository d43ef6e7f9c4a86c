package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The sixteen rules of the state machine, sentence by sentence, edges included. */
class RulesTest {
    private static final Duration A_NANO = Duration.ofNanos(1);
    private static final Duration COOLDOWN = seconds(60);

    private static CircuitBreakerConfig onlyStreak(int failures) {
        return settings().failureThreshold(failures).failureRateThreshold(null).build();
    }

    private static CircuitBreakerConfig onlyRate(double threshold, int minimum) {
        return settings()
                .failureThreshold(null)
                .failureRateThreshold(threshold)
                .minRequestsForRate(minimum)
                .build();
    }

    private static CircuitBreakerConfig.Builder slowFrom(double seconds) {
        return settings().slowCallDuration(seconds(seconds)).slowCallRateThreshold(0.5);
    }

    private static Outcome failure(FailureKind kind) {
        return Outcome.failure(kind);
    }

    /** Closed, and what trips. */
    @Nested
    class Rule01 {
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
        void one_failure_is_told_as_one() {
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
            assertThat(Figures.NONE.slowCallRate()).isZero();
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
        void a_duration_that_somebody_told_counts_and_not_the_permits_own_even_if_it_is_zero() {
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
    }

    /** Streak and window. */
    @Nested
    class Rule02 {
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
        void a_streak_that_can_grow_no_more_stays_what_it_is() throws ReflectiveOperationException {
            VarHandle streak = MethodHandles.privateLookupIn(ClosedEpoch.class, MethodHandles.lookup())
                    .findVarHandle(ClosedEpoch.class, "streak", int.class);
            Lab held = new Lab();
            held.override(OverrideAction.HOLD_CLOSED);
            streak.setVolatile((ClosedEpoch) held.circuit.current(), Integer.MAX_VALUE - 1);
            held.fail(3);
            assertThat(held).isClosed().hasStreak(Integer.MAX_VALUE);

            Lab lab = new Lab(onlyStreak(5));
            streak.setVolatile((ClosedEpoch) lab.circuit.current(), Integer.MAX_VALUE);
            lab.fail();
            assertThat(lab).isOpen().hasStreak(Integer.MAX_VALUE);
        }

        @Test
        void the_streak_has_no_time_limit() {
            Lab lab = new Lab(onlyStreak(3));
            lab.fail(2).pass(Duration.ofDays(300)).fail();

            assertThat(lab).isOpen();
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
            Lab lab = new Lab(settings().window(Window.ofCalls(4)).build());
            lab.fail(2).succeed(2).pass(Duration.ofHours(20)).succeed();

            assertThat(lab).hasCounted(4, 1);
        }
    }

    /** Open, and who becomes the first trial. */
    @Nested
    class Rule03 {
        private final Lab lab = new Lab();

        @Test
        void open_rejects_with_the_time_that_is_left() {
            lab.trip().pass(seconds(12.5));

            CircuitOpenException refused = lab.refusal();

            assertThat(refused.retryAfter()).isEqualTo(seconds(47.5));
            assertThat(refused.state()).isEqualTo(CircuitState.OPEN);
            assertThat(refused.id()).isEqualTo(CircuitId.of("agent"));
            assertThat(refused.getStackTrace()).as("a refusal is cheap").isEmpty();
        }

        @Test
        void a_call_one_nanosecond_before_the_end_of_the_cooldown_is_rejected() {
            lab.trip().pass(COOLDOWN.minus(A_NANO));

            assertThat(lab.refusal().retryAfter()).isEqualTo(A_NANO);
        }

        @Test
        void a_call_at_exactly_the_end_of_the_cooldown_is_the_first_trial() {
            lab.trip().pass(COOLDOWN);

            lab.begin();

            assertThat(lab).isHalfOpen().hasTrials(1, 0);
        }

        @Test
        void never_more_trials_are_out_than_half_open_max_requests_the_first_one_included() {
            lab.firstTrial();
            lab.begin();
            lab.begin();

            assertThat(lab).hasTrials(3, 0);
            assertThat(lab.refusal().state()).isEqualTo(CircuitState.HALF_OPEN);
        }

        @Test
        void no_more_trials_run_at_one_time_than_the_policy_says() {
            Lab lab = new Lab(CircuitBreakerConfig.upstream());
            Permit first = lab.firstTrial();
            assertThat(lab.circuit.tryAcquire()).isNull();

            first.succeed();

            lab.begin();
            assertThat(lab).hasTrials(1, 1);
        }

        @Test
        void trials_that_succeeded_keep_their_places() {
            Lab lab = new Lab(
                    settings().successThreshold(3).halfOpenMaxRequests(3).build());
            lab.firstTrial().succeed();
            lab.succeed();
            lab.begin();

            assertThat(lab).hasTrials(1, 2);
            lab.refusal();
        }

        @Test
        void until_a_call_comes_the_state_reads_open() {
            lab.tripAndCool().pass(Duration.ofDays(1));

            assertThat(lab).isOpen().refusesFor(Duration.ZERO);
            assertThat(lab.heard).hasSize(1);
        }

        @Test
        void a_refusal_in_half_open_says_one_second() {
            lab.firstTrial();
            lab.begin();
            lab.begin();

            assertThat(lab.refusal().retryAfter()).isEqualTo(seconds(1));
            assertThat(lab.refusal()).hasMessage("Circuit agent is half-open and trying others; retry after 1000 ms");
        }

        @Test
        void a_refusal_in_half_open_says_the_earliest_leases_end_if_that_is_sooner() {
            lab.firstTrial();
            lab.pass(seconds(10)).begin();
            lab.begin();
            lab.pass(seconds(109.75));

            assertThat(lab.refusal().retryAfter()).isEqualTo(seconds(0.25));
        }

        @Test
        void a_held_refusal_says_the_holds_end() {
            lab.hold(OverrideAction.HOLD_OPEN, seconds(500));
            lab.pass(seconds(100));

            assertThat(lab.refusal().retryAfter()).isEqualTo(seconds(400));
            assertThat(lab.refusal().hold()).isEqualTo(lab.circuit.snapshot().hold());
            assertThat(lab.refusal())
                    .hasMessage("Circuit agent is held open by a person until 2026-01-01T00:08:20Z;"
                            + " retry after 400000 ms");
        }

        @Test
        void a_refusal_without_a_hold_tells_of_none() {
            lab.trip();

            assertThat(lab.refusal().hold()).isNull();
            assertThat(lab.refusal()).hasMessage("Circuit agent is open; retry after 60000 ms");
        }

        @Test
        void a_refusal_of_several_circuits_tells_of_the_hold_too() {
            lab.override(OverrideAction.HOLD_OPEN);

            assertThatThrownBy(lab.circuits.guard("planner").dependingOn("agent")::acquire)
                    .hasMessage("Circuit agent is held open by a person until it is released; retry after 60000 ms");
        }

        @Test
        void a_refusal_of_a_hold_without_end_says_the_cooldown() {
            lab.override(OverrideAction.HOLD_OPEN);
            lab.pass(seconds(1_000));

            assertThat(lab.refusal().retryAfter()).isEqualTo(COOLDOWN);
        }
    }

    /** Half-open. */
    @Nested
    class Rule04 {
        private final Lab lab = new Lab();

        @Test
        void a_counted_failure_reopens_at_once_and_starts_a_whole_cooldown() {
            Permit first = lab.firstTrial();
            Permit second = lab.begin();
            lab.pass(seconds(5));

            second.fail(FailureKind.ERROR);

            assertThat(lab).isOpen().refusesFor(COOLDOWN).hasOpened(2);
            assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.TRIAL_FAILED);
            first.cancel();
        }

        @Test
        void a_slow_success_reopens_while_that_rule_is_on() {
            Lab lab = new Lab(slowFrom(5).build());
            lab.firstTrial().settle(Outcome.success().took(seconds(5)));

            assertThat(lab).isOpen().hasOpened(2);
        }

        @Test
        void a_slow_success_is_a_success_while_that_rule_is_off() {
            lab.firstTrial().settle(Outcome.success().took(Duration.ofHours(1)));

            assertThat(lab).isHalfOpen().hasTrials(0, 1);
        }

        @Test
        void success_threshold_successes_close_and_not_one_fewer() {
            lab.firstTrial().succeed();
            assertThat(lab).isHalfOpen();

            lab.succeed();

            assertThat(lab).isClosed();
            assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.TRIALS_SUCCEEDED);
        }

        @Test
        void the_minimum_of_calls_plays_no_part() {
            Lab lab = new Lab(onlyRate(0.5, 100));
            lab.tripAndCool().fail();

            assertThat(lab).isOpen().hasOpened(2);
        }
    }

    /** Outcomes that say nothing. */
    @Nested
    class Rule05 {
        private final Lab lab = new Lab();

        @ParameterizedTest
        @EnumSource(
                value = FailureKind.class,
                names = {"CONTEXT_LENGTH", "INVALID_REQUEST", "CONTENT_FILTERED", "CANCELLED", "DOWNSTREAM_OPEN"})
        void an_ignored_outcome_neither_counts_nor_ends_the_streak(FailureKind kind) {
            lab.fail(2);

            Settlement settlement = lab.begin().fail(kind);

            assertThat(settlement).isEqualTo(Settlement.IGNORED);
            assertThat(lab).hasStreak(2).hasCounted(2, 2);
        }

        @Test
        void an_ignored_trial_gives_its_place_back() {
            Permit first = lab.firstTrial();
            lab.begin();
            lab.begin();
            lab.refusal();

            first.cancel();

            assertThat(lab).isHalfOpen().hasTrials(2, 0);
            lab.begin();
        }

        @Test
        void a_place_is_given_back_once_even_if_the_ignored_trial_reports_after_its_lease() {
            Permit lost = lab.firstTrial();
            lab.begin();
            lab.pass(seconds(119)).begin();
            lab.pass(seconds(1));
            lab.begin();
            lab.begin();
            assertThat(lab).hasTrials(3, 0);

            lost.cancel();

            assertThat(lab).hasTrials(3, 0);
            lab.refusal();
        }

        @Test
        void a_permit_gives_its_place_back_once_however_often_it_is_settled() {
            Permit first = lab.firstTrial();
            lab.begin();
            first.cancel();
            first.cancel();
            first.close();

            assertThat(lab).hasTrials(1, 0);
        }

        @Test
        void a_cancelled_call_that_hung_counts_as_slow() {
            Lab lab = new Lab(slowFrom(30).minRequestsForRate(1).build());
            Permit hanging = lab.begin();
            lab.pass(seconds(30));

            Settlement settlement = hanging.cancel();

            assertThat(settlement).isEqualTo(Settlement.COUNTED);
            assertThat(lab).isOpen();
            assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.SLOW_CALL_RATE);
        }

        @Test
        void a_call_cancelled_before_that_says_nothing() {
            Lab lab = new Lab(slowFrom(30).minRequestsForRate(1).build());
            Permit call = lab.begin();
            lab.pass(seconds(30).minus(A_NANO));

            assertThat(call.cancel()).isEqualTo(Settlement.IGNORED);
            assertThat(lab).isClosed();
        }

        @Test
        void of_the_ignored_only_a_cancelled_call_can_be_slow() {
            Lab lab = new Lab(slowFrom(30).minRequestsForRate(1).build());
            lab.end(failure(FailureKind.INVALID_REQUEST).took(seconds(60)));

            assertThat(lab).isClosed();
        }

        @Test
        void a_cancelled_trial_that_hung_reopens() {
            Lab lab = new Lab(slowFrom(30).build());
            Permit hanging = lab.firstTrial();
            lab.pass(seconds(30));

            hanging.cancel();

            assertThat(lab).isOpen().hasOpened(2);
        }
    }

    /** Trials that do not report. */
    @Nested
    class Rule06 {
        private final Lab lab = new Lab();

        @Test
        void a_trial_keeps_its_place_until_just_before_its_lease_ends() {
            fillHalfOpen();
            lab.pass(seconds(120).minus(A_NANO));

            assertThat(lab.refusal().retryAfter()).isEqualTo(A_NANO);
        }

        @Test
        void a_lost_trial_gives_its_place_back_at_the_end_of_its_lease() {
            fillHalfOpen();
            lab.pass(seconds(120));

            assertThat(lab).hasTrials(0, 0);
            lab.begin();
            assertThat(lab).isHalfOpen();
        }

        @Test
        void no_circuit_is_stuck_in_half_open_when_all_trials_are_lost() {
            fillHalfOpen();
            lab.pass(Duration.ofDays(1)).succeed(2);

            assertThat(lab).isClosed();
        }

        @Test
        void a_success_after_the_lease_still_counts_in_the_same_stay() {
            Permit late = lab.firstTrial();
            lab.pass(seconds(121)).succeed();

            assertThat(late.succeed()).isEqualTo(Settlement.COUNTED);
            assertThat(lab).isClosed();
        }

        @Test
        void a_failure_after_the_lease_still_counts_in_the_same_stay() {
            Permit late = lab.firstTrial();
            lab.pass(seconds(121)).begin();

            late.fail(FailureKind.ERROR);

            assertThat(lab).isOpen().hasOpened(2);
        }

        @Test
        void after_the_stay_it_is_late() {
            Permit late = lab.firstTrial();
            lab.begin().fail(FailureKind.ERROR);

            assertThat(late.succeed()).isEqualTo(Settlement.LATE);
            assertThat(lab).isOpen().hasLate(1);
        }

        private void fillHalfOpen() {
            lab.firstTrial();
            lab.begin();
            lab.begin();
        }
    }

    /** Late outcomes, and settling twice. */
    @Nested
    class Rule07 {
        private final Lab lab = new Lab();
        private final Permit late = lab.begin();

        @Test
        void a_late_outcome_does_not_move_an_open_circuit() {
            lab.trip();
            assertThatItMovesNothing();
        }

        @Test
        void a_late_outcome_does_not_move_a_half_open_circuit() {
            lab.firstTrial();
            assertThatItMovesNothing();
            assertThat(lab).hasTrials(1, 0);
        }

        @Test
        void a_late_outcome_does_not_move_a_circuit_that_has_closed_again() {
            lab.tripAndRecover();
            assertThatItMovesNothing();
            assertThat(lab).hasCounted(0, 0);
        }

        @Test
        void a_late_outcome_does_not_move_a_circuit_that_is_held_open() {
            lab.override(OverrideAction.HOLD_OPEN);
            assertThatItMovesNothing();
        }

        @Test
        void a_late_outcome_does_not_move_a_circuit_that_is_held_closed() {
            lab.override(OverrideAction.HOLD_CLOSED);
            assertThatItMovesNothing();
        }

        @Test
        void a_late_outcome_does_not_move_a_circuit_that_was_reset() {
            lab.override(OverrideAction.RESET);
            assertThatItMovesNothing();
        }

        @Test
        void a_late_success_is_late_as_well() {
            lab.trip();

            assertThat(late.succeed()).isEqualTo(Settlement.LATE);
            assertThat(lab).hasLate(1);
        }

        @Test
        void a_permit_is_settled_once_and_a_second_settlement_changes_nothing() {
            assertThat(late.succeed()).isEqualTo(Settlement.COUNTED);
            assertThat(late.fail(FailureKind.LOOP)).isEqualTo(Settlement.REPEATED);
            late.close();

            assertThat(late.isSettled()).isTrue();
            assertThat(lab).isClosed().hasCounted(1, 0).hasLate(0);
        }

        private void assertThatItMovesNothing() {
            CircuitSnapshot before = lab.circuit.snapshot();

            assertThat(late.fail(FailureKind.LOOP)).isEqualTo(Settlement.LATE);

            CircuitSnapshot after = lab.circuit.snapshot();
            assertThat(after.epoch()).isEqualTo(before.epoch());
            assertThat(after.state()).isEqualTo(before.state());
            assertThat(after.figures()).isEqualTo(before.figures());
            assertThat(after.late()).isEqualTo(before.late() + 1);
        }
    }

    /** A clean start, and figures while not closed. */
    @Nested
    class Rule08 {
        @Test
        void closing_starts_a_clean_window_and_streak() {
            Lab lab = new Lab();
            lab.succeed(3).fail(4).tripAndRecover();

            assertThat(lab).isClosed().hasCounted(0, 0).hasStreak(0);
            lab.fail(4);
            assertThat(lab).isClosed();
        }

        @Test
        void closing_takes_the_growth_of_the_cooldown_back() {
            Lab lab = new Lab(CircuitBreakerConfig.recommended().toBuilder()
                    .cooldownJitter(0)
                    .build());
            lab.tripAndCool().fail();
            assertThat(lab).refusesFor(seconds(120));
            lab.pass(seconds(120)).succeed(2);

            lab.trip();

            assertThat(lab).refusesFor(COOLDOWN);
        }

        @Test
        void each_failed_trial_multiplies_the_cooldown_up_to_its_cap() {
            Lab lab = new Lab(CircuitBreakerConfig.recommended().toBuilder()
                    .cooldownJitter(0)
                    .build());
            lab.trip();

            List<Long> cooldowns = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Duration cooldown = lab.circuit.snapshot().retryAfter();
                cooldowns.add(cooldown.toSeconds());
                lab.pass(cooldown).fail();
            }

            assertThat(cooldowns).containsExactly(60L, 120L, 240L, 240L, 240L);
            assertThat(lab.circuit.snapshot().failedTrials()).isEqualTo(5);
        }

        @Test
        void jitter_adds_a_random_share_beyond_the_cap_too() {
            Lab lab = new Lab(CircuitBreakerConfig.recommended());
            lab.chance = 0.5;
            lab.trip();
            assertThat(lab).refusesFor(seconds(63));

            lab.chance = 0;
            lab.pass(seconds(63)).fail();
            assertThat(lab).refusesFor(seconds(120));

            lab.chance = 0.5;
            lab.pass(seconds(120)).fail();
            assertThat(lab).refusesFor(seconds(252));
        }

        @Test
        void while_not_closed_the_figures_are_those_at_the_trip() {
            Lab lab = new Lab();
            lab.succeed(3).fail(5);
            assertThat(lab).isOpen().hasCounted(8, 5).hasStreak(5);

            lab.pass(COOLDOWN).succeed();
            assertThat(lab).isHalfOpen().hasCounted(8, 5);

            lab.fail();
            assertThat(lab).isOpen().hasCounted(8, 5).hasStreak(5);
        }
    }

    /** Retry-After. */
    @Nested
    class Rule09 {
        private final Lab lab = new Lab();

        private void rateLimited(Duration retryAfter) {
            lab.end(failure(FailureKind.RATE_LIMITED).retryAfter(retryAfter));
        }

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
        void up_to_a_fifth_is_added_for_a_rate_limit() {
            lab.chance = 0.5;
            rateLimited(seconds(100));
            assertThat(lab).refusesFor(seconds(110));
        }

        @Test
        void it_is_capped_with_all_that_is_added() {
            lab.chance = 0.999;
            rateLimited(Duration.ofMinutes(59));
            assertThat(lab).refusesFor(Duration.ofHours(1));
        }

        @Test
        void a_rate_limit_without_it_counts_and_does_not_trip() {
            lab.fail(FailureKind.RATE_LIMITED);
            assertThat(lab).isClosed().hasStreak(1);
        }

        @Test
        void a_rate_limit_that_says_zero_may_be_tried_at_once() {
            rateLimited(Duration.ZERO);
            assertThat(lab).isOpen().refusesFor(Duration.ZERO);
            lab.begin();
            assertThat(lab).isHalfOpen();
        }

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
        void for_another_kind_it_is_capped_too() {
            lab.end(failure(FailureKind.AUTHENTICATION).retryAfter(Duration.ofDays(400)));
            assertThat(lab).refusesFor(Duration.ofHours(1));
        }

        @Test
        void one_of_the_failure_that_reopens_counts_too() {
            lab.tripAndCool();
            rateLimited(seconds(7));
            assertThat(lab).isOpen().refusesFor(seconds(7)).hasOpened(2);
        }

        @Test
        void one_of_a_failure_that_does_not_trip_changes_nothing() {
            lab.end(failure(FailureKind.OVERLOADED).retryAfter(seconds(600)), 4).fail();
            assertThat(lab).isOpen().refusesFor(COOLDOWN);
        }

        @Test
        void one_of_a_late_failure_changes_nothing() {
            Permit late = lab.begin();
            lab.trip();
            late.settle(failure(FailureKind.RATE_LIMITED).retryAfter(seconds(600)));
            assertThat(lab).refusesFor(COOLDOWN);
        }
    }

    /** Overrides and holds. */
    @Nested
    class Rule10 {
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
        void reset_forgets_all_figures_and_is_always_a_new_stay() {
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
        void a_repetition_is_told_for_the_audit_with_actor_and_reason() {
            lab.circuit.override(ManualOverride.of(OverrideAction.CLOSE, "ada").because("just in case"));

            assertThat(lab.repeated)
                    .containsExactly(
                            ManualOverride.of(OverrideAction.CLOSE, "ada").because("just in case"));
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

    /** Listeners; their races are tested elsewhere. */
    @Nested
    class Rule11 {
        @Test
        void listeners_hear_every_transition_in_epoch_order_before_the_move_returns() {
            Lab lab = new Lab();
            long birth = lab.circuit.snapshot().epoch();

            for (int i = 0; i < 10; i++) {
                lab.tripAndCool().fail().pass(COOLDOWN).succeed(2);
            }

            assertThat(lab.heard).hasSize(50);
            assertThat(lab.heard)
                    .extracting(StateTransition::epoch)
                    .containsExactlyElementsOf(java.util.stream.LongStream.rangeClosed(birth + 1, birth + 50)
                            .boxed()
                            .toList());
        }
    }

    /** Clocks; the properties are tested elsewhere. */
    @Nested
    class Rule12 {
        private final Lab lab = new Lab();

        @Test
        void a_step_of_the_wall_clock_changes_no_cooldown() {
            lab.trip();
            for (Duration step : List.of(Duration.ofDays(30), Duration.ofDays(-60))) {
                lab.time.stepWallClock(step);
                assertThat(lab).isOpen().refusesFor(COOLDOWN);
                lab.refusal();
            }
        }

        @Test
        void a_step_of_the_wall_clock_moves_no_holds_end() {
            lab.hold(OverrideAction.HOLD_OPEN, seconds(300));
            lab.time.stepWallClock(Duration.ofDays(1));
            lab.pass(seconds(299));
            assertThat(lab).isHeld();

            lab.time.stepWallClock(Duration.ofDays(-2));
            lab.pass(seconds(1));
            assertThat(lab).isNotHeld();
        }

        @Test
        void a_step_of_the_wall_clock_empties_no_window() {
            lab.fail(3);
            lab.time.stepWallClock(Duration.ofDays(30));
            assertThat(lab).hasCounted(3, 3);
        }
    }

    /** Policies that change while calls run. */
    @Nested
    class Rule13 {
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

    /** Several circuits around one call; the races are tested elsewhere. */
    @Nested
    class Rule14 {
        private final Lab lab = new Lab();
        private final Guard guard = lab.circuits.guard("agent").dependingOn("model:kimi", "tool:search");
        private final CircuitBreaker model = lab.circuits.getOrCreate("model:kimi");
        private final CircuitBreaker tool = lab.circuits.getOrCreate("tool:search");

        @Test
        void a_refusal_of_one_moves_none() {
            model.recordFailure(FailureKind.LOOP);
            lab.pass(COOLDOWN);
            tool.recordFailure(FailureKind.LOOP);

            assertThatThrownBy(guard::acquire)
                    .isInstanceOfSatisfying(
                            CircuitOpenException.class,
                            refused -> assertThat(refused.id()).isEqualTo(tool.id()));

            assertThat(model).isOpen();
            assertThat(lab).isClosed().hasCounted(0, 0);
        }

        @Test
        void of_several_that_refuse_the_one_with_the_longest_wait_is_named() {
            model.recordFailure(FailureKind.LOOP);
            lab.pass(seconds(30));
            tool.recordFailure(FailureKind.LOOP);
            lab.pass(seconds(10));

            assertThatThrownBy(guard::acquire).isInstanceOfSatisfying(CircuitOpenException.class, refused -> {
                assertThat(refused.id()).isEqualTo(tool.id());
                assertThat(refused.state()).isEqualTo(CircuitState.OPEN);
                assertThat(refused.retryAfter()).isEqualTo(seconds(50));
            });
            assertThat(guard.tryAcquire()).isNull();
        }

        @Test
        void all_are_taken_when_none_refuses() {
            for (CircuitBreaker each : List.of(lab.circuit, model, tool)) {
                each.recordFailure(FailureKind.LOOP);
            }
            lab.pass(COOLDOWN);

            guard.acquire();

            for (CircuitBreaker each : List.of(lab.circuit, model, tool)) {
                assertThat(each).isHalfOpen().hasTrials(1, 0);
            }
        }

        @Test
        void a_given_back_permit_is_no_call_and_no_outcome() {
            lab.tripAndCool();
            Permit permit = guard.acquire();

            permit.giveBack();

            assertThat(lab).isHalfOpen().hasTrials(0, 0);
            assertThat(model).hasCounted(0, 0);
            assertThat(permit.isSettled()).isTrue();
            assertThat(permit.succeed()).isEqualTo(Settlement.REPEATED);
        }
    }

    /** Outcomes without a permit. */
    @Nested
    class Rule15 {
        private final Lab lab = new Lab();

        @Test
        void they_count_in_closed() {
            lab.circuit.recordSuccess();
            for (int i = 0; i < 5; i++) {
                assertThat(lab.circuit.recordFailure(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);
            }
            assertThat(lab).isOpen().hasCounted(6, 5);
        }

        @Test
        void one_whose_call_began_before_the_last_opening_is_late() {
            lab.trip().pass(seconds(70));

            assertThat(lab.circuit.record(Outcome.success(), seconds(70).plus(A_NANO)))
                    .isEqualTo(Settlement.LATE);

            assertThat(lab).isOpen().hasLate(1);
        }

        @Test
        void one_whose_call_began_with_the_opening_is_not_late() {
            lab.trip().pass(seconds(70));

            assertThat(lab.circuit.record(Outcome.success(), seconds(70))).isEqualTo(Settlement.COUNTED);

            assertThat(lab).isHalfOpen().hasTrials(0, 1);
        }

        @Test
        void one_whose_call_began_before_the_last_closing_is_late() {
            lab.tripAndRecover().pass(seconds(10));

            assertThat(lab.circuit.record(failure(FailureKind.LOOP), seconds(11)))
                    .isEqualTo(Settlement.LATE);
            assertThat(lab.circuit.record(failure(FailureKind.ERROR), seconds(10)))
                    .isEqualTo(Settlement.COUNTED);

            assertThat(lab).isClosed().hasCounted(1, 1).hasLate(1);
        }

        @Test
        void a_circuit_that_never_moved_knows_no_late_ones() {
            assertThat(lab.circuit.record(Outcome.success(), Duration.ofDays(1_000)))
                    .isEqualTo(Settlement.COUNTED);
        }

        @Test
        void one_while_cooling_down_is_only_reported() {
            lab.trip().pass(seconds(59));

            assertThat(lab.circuit.recordSuccess()).isEqualTo(Settlement.IGNORED);
            assertThat(lab.circuit.recordFailure(FailureKind.ERROR)).isEqualTo(Settlement.IGNORED);
            assertThat(lab).isOpen().refusesFor(seconds(1));
        }

        @Test
        void once_the_cooldown_has_passed_a_failure_moves_to_half_open_and_reopens() {
            lab.tripAndCool();

            lab.circuit.recordFailure(FailureKind.ERROR);

            assertThat(lab).isOpen().hasOpened(2).refusesFor(COOLDOWN);
            assertThat(lab.heard)
                    .extracting(StateTransition::to)
                    .containsExactly(CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.OPEN);
        }

        @Test
        void beyond_the_cap_of_trials_it_is_only_reported() {
            lab.firstTrial();
            lab.begin();
            lab.begin();

            assertThat(lab.circuit.recordSuccess()).isEqualTo(Settlement.IGNORED);

            assertThat(lab).isHalfOpen().hasTrials(3, 0);
        }

        @Test
        void a_circuit_that_is_only_watched_recovers_too() {
            lab.tripAndCool();

            lab.circuit.recordSuccess();
            lab.circuit.recordSuccess();

            assertThat(lab).isClosed();
        }

        @Test
        void an_ignored_one_does_not_move_an_open_circuit() {
            lab.tripAndCool();

            assertThat(lab.circuit.record(Outcome.cancelled())).isEqualTo(Settlement.IGNORED);

            assertThat(lab).isOpen();
        }

        @Test
        void a_negative_age_counts_as_none() {
            lab.trip().pass(COOLDOWN);

            assertThat(lab.circuit.record(Outcome.success(), seconds(-100))).isEqualTo(Settlement.COUNTED);
        }
    }

    /** Probes; what goes wrong with them is tested elsewhere. */
    @Nested
    class Rule16 {
        private final List<Boolean> answers = new ArrayList<>();
        private final Lab lab = new Lab(
                settings().probe(ProbeSettings.defaults()).build(),
                builder -> builder.probe("*", id -> answers.isEmpty() || answers.remove(0)));

        @Test
        void after_the_cooldown_calls_stay_refused_until_enough_probes_in_a_row_were_good() {
            lab.tripAndCool();
            lab.refusal();
            lab.pass(seconds(10).minus(A_NANO));
            lab.refusal();

            lab.pass(A_NANO);

            lab.begin();
            assertThat(lab).isHalfOpen();
        }

        @Test
        void a_failed_probe_starts_over_after_the_interval() {
            answers.addAll(List.of(true, true, false));
            lab.tripAndCool().pass(seconds(10 + 30 + 5 + 5).minus(A_NANO));
            lab.refusal();

            lab.pass(A_NANO);

            lab.begin();
        }

        @Test
        void a_probe_never_closes_a_circuit() {
            lab.tripAndCool().pass(Duration.ofDays(1));

            assertThat(lab).isOpen();
        }

        @Test
        void a_real_trial_is_let_in_after_a_while_whatever_the_probes_say_and_its_failure_grows_nothing() {
            Lab lab = new Lab(
                    settings()
                            .cooldownMultiplier(2)
                            .probe(ProbeSettings.defaults())
                            .build(),
                    builder -> builder.probe("*", id -> false));
            lab.trip().pass(Duration.ofMinutes(30).minus(A_NANO));
            lab.refusal();

            lab.pass(A_NANO).fail();

            assertThat(lab).isOpen().refusesFor(COOLDOWN);
            assertThat(lab.circuit.snapshot().failedTrials()).isZero();
        }
    }
}
