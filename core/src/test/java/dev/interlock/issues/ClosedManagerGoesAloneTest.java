package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.Permit;
import dev.interlock.store.GivenTrial;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * After {@code close()} nobody reports and nobody asks for trials, but shared circuits went on waiting for what all say:
 * they never tripped, never recovered, and noted each failure for somebody who had gone.
 */
class ClosedManagerGoesAloneTest {
    @Test
    void a_closed_circuit_trips_by_itself() {
        SharedLab process = new SharedLab();
        process.close();

        process.lab.fail(5);

        assertThat(process.circuit().state()).isEqualTo(CircuitState.OPEN);
        assertThat(process.lab.circuits.isDetached()).isTrue();
        assertThat(process.circuit().snapshot().detached()).isTrue();
    }

    @Test
    void one_that_had_counted_before_does_so_too() {
        SharedLab process = new SharedLab();
        process.lab.fail(4);
        process.close();

        process.lab.fail(1);

        assertThat(process.circuit().state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void an_open_circuit_recovers_by_itself() {
        SharedLab process = new SharedLab().openAndCool();
        process.close();

        Permit trial = Objects.requireNonNull(process.circuit().tryAcquire());
        assertThat(process.circuit().tryAcquire()).isNull();
        trial.succeed();

        assertThat(process.circuit().state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void a_trial_that_runs_when_it_closes_counts() throws InterruptedException {
        SharedLab process = new SharedLab().openAndCool();
        Permit trial = process.trying();
        process.close();

        trial.succeed();

        assertThat(process.circuit().state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void a_trial_that_waits_for_a_call_is_given_back() throws InterruptedException {
        SharedLab process = new SharedLab().openAndCool();
        GivenTrial waiting = process.waiting();
        process.close();

        assertThat(process.store.givenBack).contains(waiting);
    }
}
