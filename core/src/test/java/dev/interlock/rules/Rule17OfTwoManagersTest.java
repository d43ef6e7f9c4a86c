package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Gate;
import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import org.junit.jupiter.api.Test;

/** Two managers of one process have circuits of the same name: a call of one within a call of the other is a stranger's. */
class Rule17OfTwoManagersTest {
    private final Lab one = new Lab();
    private final Lab other = new Lab();

    @Test
    void an_outcome_counts_in_each_though_its_calls_lie_within_each_other() {
        Permit outer = one.circuits.guard("planner").dependingOn("model:m").acquire();
        outer.<RuntimeException>run(
                () -> other.circuits.guard("planner").dependingOn("model:m").<RuntimeException>run(() -> {}));
        assertThat(outer.fail(FailureKind.CONNECTION)).isEqualTo(Settlement.COUNTED);

        assertThat(one.circuits.getOrCreate("model:m")).hasCounted(1, 1);
        assertThat(other.circuits.getOrCreate("model:m")).hasCounted(1, 0);
    }

    @Test
    void so_does_one_of_a_single_circuit() {
        Permit outer = one.begin();
        outer.<RuntimeException>run(() -> other.begin().fail(FailureKind.ERROR));
        assertThat(outer.fail(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);

        assertThat(one).hasCounted(1, 1);
        assertThat(other).hasCounted(1, 1);
    }

    @Test
    void a_refusal_by_the_other_hides_no_outcome() {
        other.override(OverrideAction.HOLD_OPEN);
        Permit outer = one.begin();
        outer.<RuntimeException>run(
                () -> assertThatThrownBy(other.circuit::acquire).isInstanceOf(CircuitOpenException.class));
        assertThat(outer.succeed()).isEqualTo(Settlement.COUNTED);

        Permit another = one.circuits.guard("agent").dependingOn("model:m").acquire();
        another.<RuntimeException>run(() -> assertThatThrownBy(() ->
                        other.circuits.guard("agent").dependingOn("model:m").acquire())
                .isInstanceOf(CircuitOpenException.class));
        assertThat(another.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(one).hasCounted(2, 0);
    }

    @Test
    void nor_does_a_gate_of_the_other() {
        other.circuits.gates().put(Gate.ofAgents(one.circuit.id().organization(), "agent", "ada"));
        Permit outer = one.begin();
        outer.<RuntimeException>run(() -> assertThat(other.circuit.tryAcquire()).isNull());
        assertThat(outer.succeed()).isEqualTo(Settlement.COUNTED);
    }

    @Test
    void a_trial_of_one_lends_no_place_to_the_other_and_takes_none() {
        Permit outer = one.firstTrial();
        Permit inner = other.tripAndCool().circuit.tryAcquire();
        outer.<RuntimeException>run(() -> assertThat(other.circuit.tryAcquire()).isNotNull());
        assertThat(one).hasTrials(1, 0);
        assertThat(outer.succeed()).isEqualTo(Settlement.COUNTED);
        inner.succeed();
        assertThat(other).hasTrials(1, 1);
    }
}
