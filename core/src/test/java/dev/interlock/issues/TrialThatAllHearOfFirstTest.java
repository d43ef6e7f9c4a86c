package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.InnerCalls;
import dev.interlock.ManualOverride;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.store.GivenTrial;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The end of a trial is reported to all processes before its outcome moves the circuit here. Where their answer was
 * faster, it closed the circuit, and the very trial that did so was late.
 */
class TrialThatAllHearOfFirstTest {
    private final SharedLab shared = new SharedLab().openAndCool();

    /** The answer is that enough trials have succeeded, and it closes the circuit before the settlement goes on. */
    private final class FasterAnswer extends CompletableFuture<Boolean> {
        @Override
        public CompletableFuture<Boolean> whenComplete(BiConsumer<? super Boolean, ? super Throwable> action) {
            CompletableFuture<Boolean> heard = super.whenComplete(action);
            complete(true);
            await().until(() -> shared.circuit().state() == CircuitState.CLOSED);
            return heard;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }

    @AfterEach
    void close() {
        shared.close();
    }

    @Test
    void the_trial_that_closes_the_circuit_by_the_answer_of_all_has_counted() throws InterruptedException {
        Permit trial = shared.trying();
        shared.store.atEnd = FasterAnswer::new;

        assertThat(trial.succeed()).isEqualTo(Settlement.COUNTED);

        assertThat(shared.circuit()).isClosed().hasLate(0);
    }

    @Test
    void so_has_one_that_another_process_was_given() {
        shared.store.atEnd = FasterAnswer::new;

        assertThat(ofAnother(Outcome.success())).isEqualTo(Settlement.COUNTED);

        assertThat(shared.circuit()).isClosed().hasLate(0);
    }

    @Test
    void one_that_ends_while_a_person_closes_the_circuit_is_late() throws InterruptedException {
        Permit trial = shared.trying();
        shared.store.atEnd = () -> {
            shared.circuit().override(ManualOverride.of(OverrideAction.CLOSE, "anna"));
            return CompletableFuture.completedFuture(false);
        };

        assertThat(trial.succeed()).isEqualTo(Settlement.LATE);
    }

    @Test
    void so_is_one_that_fails_while_others_close_the_circuit() throws InterruptedException {
        Permit trial = shared.trying();
        shared.store.atEnd = FasterAnswer::new;

        assertThat(trial.settle(Outcome.failure(FailureKind.TIMEOUT))).isEqualTo(Settlement.LATE);

        assertThat(shared.circuit()).isClosed().hasLate(1);
    }

    private Settlement ofAnother(Outcome outcome) {
        GivenTrial given = new GivenTrial("default", "agent", "1", "of another");
        return shared.lab.circuits.guard("agent").recordTrials(outcome, Duration.ZERO, InnerCalls.NONE, List.of(given));
    }
}
