package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Lab;
import dev.interlock.Permit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A call that ended after its circuit was evicted still counted, but how long it had taken was forgotten. */
class SlowCallAfterEvictionTest {
    @Test
    void a_call_that_hung_until_its_circuit_was_evicted_counts_as_slow() {
        Lab lab = new Lab(Lab.settings()
                .slowCallDuration(Lab.seconds(30))
                .slowCallRateThreshold(1.0)
                .build());
        Permit hanging = lab.begin();
        lab.pass(Duration.ofHours(26));

        hanging.succeed();

        assertThat(lab.circuit.snapshot().figures().slow()).isEqualTo(1);
    }
}
