package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialEnd;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Snapshots of shared circuits said that a call would be admitted, while calls were refused with a wait. */
class SharedRetryAfterTest {
    @Test
    void a_snapshot_says_what_a_call_would_hear_without_a_trial_at_hand() {
        try (SharedLab process = new SharedLab().openAndCool()) {
            assertThat(process.circuit().snapshot().retryAfter()).isEqualTo(Duration.ofMillis(100));
            assertThat(process.lab.refusal().retryAfter()).isEqualTo(Duration.ofMillis(100));
        }
    }

    @Test
    void and_where_all_places_are_taken() throws InterruptedException {
        try (SharedLab process = new SharedLab().openAndCool()) {
            process.refused()
                    .answer()
                    .complete(new TrialAnswer(TrialAnswer.Place.FULL, null, Duration.ZERO, TrialEnd.NOBODY));
            Awaitility.await()
                    .until(() -> process.circuit().snapshot().retryAfter().equals(Duration.ofSeconds(1)));
            CircuitOpenException refusal = process.lab.refusal();

            assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        }
    }

    @Test
    void with_a_trial_at_hand_it_says_that_a_call_is_admitted() throws InterruptedException {
        try (SharedLab process = new SharedLab().openAndCool()) {
            process.waiting();

            assertThat(process.circuit().snapshot().retryAfter()).isZero();
            assertThat(process.circuit().tryAcquire()).isNotNull();
        }
    }

    @Test
    void what_is_stored_is_the_end_of_the_cooldown_all_the_same() {
        try (SharedLab process = new SharedLab()) {
            process.store.gate.lock(); // another circuit is being written until the cooldown is over
            try {
                process.lab.circuits.override(CircuitId.of("other"), ManualOverride.of(OverrideAction.OPEN, "test"));
                await().until(process.store.gate::hasQueuedThreads);
                process.lab.trip().pass(SharedLab.COOLDOWN);
            } finally {
                process.store.gate.unlock();
            }
            process.awaitStored();

            assertThat(process.stored().cooldownUntil()).isEqualTo(process.lab.time.wallTime());
        }
    }
}
