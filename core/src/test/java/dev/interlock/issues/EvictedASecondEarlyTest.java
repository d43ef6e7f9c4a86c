package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Lab;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Idleness is distinguished by units of about a second, and a circuit was evicted up to one unit before its time. */
class EvictedASecondEarlyTest {
    @Test
    void a_circuit_stays_for_the_whole_of_its_24_hours() {
        Lab lab = new Lab();
        lab.pass(Lab.seconds(1)).succeed();

        lab.pass(Duration.ofHours(24).minus(Lab.seconds(1)));

        assertThat(lab.circuits.size()).isEqualTo(1);
    }
}
