package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.issues.HandStore.Asked;
import dev.interlock.store.GivenTrial;
import org.junit.jupiter.api.Test;

/**
 * A trial that a process was given, or had asked for, was still used after the circuit had opened once more: together
 * with the trials of the new opening there were more than may be.
 */
class TrialOfAnEarlierOpeningTest {
    @Test
    void one_that_waits_for_a_call_is_not_used_after_the_next_opening() throws InterruptedException {
        try (SharedLab process = new SharedLab().openAndCool()) {
            process.waiting();
            process.openElsewhere();
            process.lab.pass(SharedLab.COOLDOWN);

            assertThat(process.circuit().tryAcquire()).isNull();
            process.store.nextAsk().give("2");
            process.awaitTrial();
            assertThat(process.circuit().tryAcquire()).isNotNull();
        }
    }

    @Test
    void one_that_is_on_its_way_is_given_back() throws InterruptedException {
        try (SharedLab process = new SharedLab().openAndCool()) {
            Asked asked = process.refused();
            process.openElsewhere();
            GivenTrial late = asked.give("1");

            await().until(() -> process.store.givenBack.contains(late));
            process.lab.pass(SharedLab.COOLDOWN);
            assertThat(process.circuit().tryAcquire()).isNull();
        }
    }
}
