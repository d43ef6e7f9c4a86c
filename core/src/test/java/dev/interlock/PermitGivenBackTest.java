package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Rule 14: what happens to permits that are given back since another circuit of the call refused. */
class PermitGivenBackTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent").dependingOn("model:kimi", "tool:search");
    private final CircuitBreaker model = lab.circuits.getOrCreate("model:kimi");

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
