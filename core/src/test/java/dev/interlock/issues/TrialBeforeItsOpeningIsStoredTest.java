package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * A process asked for a trial of an opening that it had not written yet: the others still knew the opening before, and
 * the place that was given was one of that.
 */
class TrialBeforeItsOpeningIsStoredTest {
    @Test
    void a_trial_is_asked_for_once_the_opening_is_stored() throws InterruptedException {
        try (SharedLab process = new SharedLab()) {
            process.store.gate.lock();
            try {
                process.lab.trip().pass(SharedLab.COOLDOWN);
                assertThat(process.circuit().tryAcquire()).isNull();
                process.store.awaitLooks();

                assertThat(process.store.asked).isEmpty();
            } finally {
                process.store.gate.unlock();
            }
            process.awaitStored();
            assertThat(process.circuit().tryAcquire()).isNull();
            process.store.nextAsk().give("1");
            process.awaitTrial();
            assertThat(process.circuit().tryAcquire()).isNotNull();
        }
    }
}
