package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitSnapshot;
import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import org.junit.jupiter.api.Test;

/** Rule 7: late outcomes, and settling twice. */
class Rule07LateOutcomesTest {
    private final Lab lab = new Lab();
    private final Permit late = lab.begin();

    @Test
    void a_late_outcome_does_not_move_an_open_circuit() {
        lab.trip();
        assertThatItMovesNothing();
    }

    @Test
    void a_late_outcome_does_not_move_a_half_open_circuit() {
        lab.firstTrial();
        assertThatItMovesNothing();
        assertThat(lab).hasTrials(1, 0);
    }

    @Test
    void a_late_outcome_does_not_move_a_circuit_that_has_closed_again() {
        lab.tripAndRecover();
        assertThatItMovesNothing();
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void a_late_outcome_does_not_move_a_circuit_that_is_held_open() {
        lab.override(OverrideAction.HOLD_OPEN);
        assertThatItMovesNothing();
    }

    @Test
    void a_late_outcome_does_not_move_a_circuit_that_is_held_closed() {
        lab.override(OverrideAction.HOLD_CLOSED);
        assertThatItMovesNothing();
    }

    @Test
    void a_late_outcome_does_not_move_a_circuit_that_was_reset() {
        lab.override(OverrideAction.RESET);
        assertThatItMovesNothing();
    }

    @Test
    void a_late_success_is_late_as_well() {
        lab.trip();

        assertThat(late.succeed()).isEqualTo(Settlement.LATE);
        assertThat(lab).hasLate(1);
    }

    @Test
    void a_permit_is_settled_once_and_a_second_settlement_changes_nothing() {
        assertThat(late.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(late.fail(FailureKind.LOOP)).isEqualTo(Settlement.REPEATED);
        late.close();

        assertThat(late.isSettled()).isTrue();
        assertThat(lab).isClosed().hasCounted(1, 0).hasLate(0);
    }

    private void assertThatItMovesNothing() {
        CircuitSnapshot before = lab.circuit.snapshot();

        assertThat(late.fail(FailureKind.LOOP)).isEqualTo(Settlement.LATE);

        CircuitSnapshot after = lab.circuit.snapshot();
        assertThat(after.epoch()).isEqualTo(before.epoch());
        assertThat(after.state()).isEqualTo(before.state());
        assertThat(after.figures()).isEqualTo(before.figures());
        assertThat(after.late()).isEqualTo(before.late() + 1);
    }
}
