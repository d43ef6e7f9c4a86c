package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.Lab;
import dev.interlock.Permit;
import org.junit.jupiter.api.Test;

/** A null outcome used the permit up before it was refused, and the trial's place was gone until its lease ended. */
class NullOutcomeTest {
    @Test
    void a_null_outcome_is_refused_and_the_permit_can_still_be_settled() {
        Lab lab = new Lab();
        Permit trial = lab.firstTrial();

        assertThatThrownBy(() -> trial.settle(null)).isInstanceOf(NullPointerException.class);

        trial.succeed();
        assertThat(lab).isHalfOpen().hasTrials(0, 1);
    }
}
