package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * An outcome was taken for one of the evicted epoch although its own epoch had ended with a trip long before: it counted
 * in the new circuit, and could even open it.
 */
class LateAfterEvictionTest {
    @Test
    void an_outcome_that_was_late_before_the_eviction_is_late_after_it() {
        Lab lab = new Lab();
        Permit late = lab.begin();
        lab.tripAndRecover().pass(Duration.ofHours(26));

        assertThat(late.fail(FailureKind.LOOP)).isEqualTo(Settlement.LATE);

        assertThat(lab.circuits.getOrCreate("agent")).isClosed().hasCounted(0, 0);
    }

    @Test
    void it_is_counted_as_late_where_everybody_can_see_it() {
        Lab lab = new Lab();
        Permit late = lab.begin();
        lab.tripAndRecover().pass(Duration.ofHours(26)).succeed();

        late.succeed();

        assertThat(lab).hasLate(1).hasCounted(1, 0);
    }
}
