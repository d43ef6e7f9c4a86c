package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Permit;
import dev.interlock.store.CircuitRecord;
import org.junit.jupiter.api.Test;

/**
 * Two processes began trials of one opening, and the trial of one failed before it had heard that the other was first to
 * write "half-open". Its opening gave way to that: the failure was lost, and the circuit stayed half-open everywhere.
 */
class FailedTrialBesideABeginningTest {
    @Test
    void a_trial_that_failed_opens_though_another_process_was_first_to_write_that_it_tries()
            throws InterruptedException {
        try (SharedLab process = new SharedLab().openAndCool()) {
            process.waiting();
            CircuitRecord elsewhere = halfOpen(process.stored());
            process.store.gate.lock(); // nothing that this process writes is stored meanwhile
            try {
                Permit trial = process.circuit().tryAcquire();
                Runnable news = process.store.storeElsewhere(elsewhere);
                trial.fail(FailureKind.TIMEOUT);
                news.run();
            } finally {
                process.store.gate.unlock();
            }
            process.awaitStored();

            assertThat(process.circuit().state()).isEqualTo(CircuitState.OPEN);
            assertThat(process.stored().state()).isEqualTo("open");
            assertThat(process.stored().epoch()).isGreaterThan(elsewhere.epoch());
        }
    }

    private static CircuitRecord halfOpen(CircuitRecord open) {
        return new CircuitRecord(
                open.organization(),
                open.name(),
                "half_open",
                open.epoch() + 100,
                open.failureCount(),
                open.successCount(),
                open.consecutiveFailures(),
                open.openings(),
                open.failedTrials(),
                open.lastFailureAt(),
                open.changedAt(),
                open.openedAt(),
                null,
                false,
                null,
                null,
                null,
                open.policy(),
                open.writer() + 1);
    }
}
