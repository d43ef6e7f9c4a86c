package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.Lab;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Made-up names that had failed once were kept for ever, and a full organization then refused healthy agents. */
class FailedOnceAndNeverAgainTest {
    private final Lab lab = new Lab(CircuitBreakerConfig.defaults(), more -> more.maxCircuitsPerOrganization(1_000));

    @Test
    void oneTimeNamesThatFailedAreForgotten() {
        failAThousandNames();
        lab.pass(Duration.ofDays(30));

        assertThat(lab.circuits.size()).isZero();
    }

    @Test
    void theyMakeRoomForAHealthyAgentBeforeThat() throws Exception {
        failAThousandNames();
        lab.pass(Duration.ofSeconds(5)); // a streak of this moment is not idle

        assertThat(lab.circuits.guard("healthy").call(() -> "called")).isEqualTo("called");
    }

    private void failAThousandNames() {
        for (int name = 0; name < 999; name++) {
            lab.circuits.getOrCreate("made-up-" + name).recordFailure(FailureKind.ERROR);
        }
        lab.fail();
    }
}
