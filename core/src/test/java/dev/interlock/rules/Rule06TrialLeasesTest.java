package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.A_NANO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule 6: trials that do not report. */
class Rule06TrialLeasesTest {
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
    void a_success_after_the_lease_still_counts_in_the_same_epoch() {
        Permit late = lab.firstTrial();
        lab.pass(seconds(121)).succeed();

        assertThat(late.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(lab).isClosed();
    }

    @Test
    void a_failure_after_the_lease_still_counts_in_the_same_epoch() {
        Permit late = lab.firstTrial();
        lab.pass(seconds(121)).begin();

        late.fail(FailureKind.ERROR);

        assertThat(lab).isOpen().hasOpened(2);
    }

    @Test
    void after_the_epoch_it_is_late() {
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
