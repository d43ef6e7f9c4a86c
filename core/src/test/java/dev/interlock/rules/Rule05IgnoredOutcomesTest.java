package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.failure;
import static dev.interlock.rules.Fixtures.slowFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.TransitionCause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule 5: outcomes that say nothing. */
class Rule05IgnoredOutcomesTest {
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
