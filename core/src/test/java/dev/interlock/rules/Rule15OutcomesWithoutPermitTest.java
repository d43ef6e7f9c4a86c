package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static dev.interlock.rules.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import dev.interlock.StateTransition;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule 15: outcomes without a permit. */
class Rule15OutcomesWithoutPermitTest {
    private final Lab lab = new Lab();

    @Test
    void they_count_in_closed() {
        lab.circuit.recordSuccess();
        for (int i = 0; i < 5; i++) {
            assertThat(lab.circuit.recordFailure(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);
        }
        assertThat(lab).isOpen().hasCounted(6, 5);
    }

    @Test
    void one_whose_call_began_before_the_last_opening_is_late() {
        lab.pass(seconds(1_000)).trip().pass(seconds(70));

        assertThat(lab.circuit.record(Outcome.success(), seconds(70).plus(A_NANO)))
                .isEqualTo(Settlement.LATE);

        assertThat(lab).isOpen().hasLate(1);
    }

    @Test
    void one_whose_call_began_with_the_opening_is_not_late() {
        lab.pass(seconds(1_000)).trip().pass(seconds(70));

        assertThat(lab.circuit.record(Outcome.success(), seconds(70))).isEqualTo(Settlement.COUNTED);

        assertThat(lab).isHalfOpen().hasTrials(0, 1);
    }

    @Test
    void one_whose_call_began_before_the_last_closing_is_late() {
        lab.tripAndRecover().pass(seconds(10));

        assertThat(lab.circuit.record(failure(FailureKind.LOOP), seconds(11))).isEqualTo(Settlement.LATE);
        assertThat(lab.circuit.record(failure(FailureKind.ERROR), seconds(10))).isEqualTo(Settlement.COUNTED);

        assertThat(lab).isClosed().hasCounted(1, 1).hasLate(1);
    }

    @Test
    void how_long_ago_its_call_began_is_not_how_long_it_took() {
        Lab timed = new Lab(Fixtures.slowFrom(5).build());
        timed.circuit.record(Outcome.success(), seconds(60));
        assertThat(timed.circuit.snapshot().figures().slow()).isZero();
        timed.circuit.record(Outcome.success().took(seconds(5)), seconds(60));
        assertThat(timed.circuit.snapshot().figures().slow()).isEqualTo(1);
    }

    @Test
    void a_circuit_that_never_moved_knows_no_late_ones() {
        assertThat(lab.circuit.record(Outcome.success(), Duration.ofDays(1_000)))
                .isEqualTo(Settlement.COUNTED);
    }

    @Test
    void one_while_cooling_down_is_only_reported() {
        lab.trip().pass(seconds(59));

        assertThat(lab.circuit.recordSuccess()).isEqualTo(Settlement.IGNORED);
        assertThat(lab.circuit.recordFailure(FailureKind.ERROR)).isEqualTo(Settlement.IGNORED);
        assertThat(lab).isOpen().refusesFor(seconds(1));
    }

    @Test
    void once_the_cooldown_has_passed_a_failure_moves_to_half_open_and_reopens() {
        lab.tripAndCool();

        lab.circuit.recordFailure(FailureKind.ERROR);

        assertThat(lab).isOpen().hasOpened(2).refusesFor(COOLDOWN);
        assertThat(lab.heard)
                .extracting(StateTransition::to)
                .containsExactly(CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.OPEN);
    }

    @Test
    void beyond_the_cap_of_trials_it_is_only_reported() {
        lab.firstTrial();
        lab.begin();
        lab.begin();

        assertThat(lab.circuit.recordSuccess()).isEqualTo(Settlement.IGNORED);

        assertThat(lab).isHalfOpen().hasTrials(3, 0);
    }

    @Test
    void a_circuit_that_is_only_watched_recovers_too() {
        lab.tripAndCool();

        lab.circuit.recordSuccess();
        lab.circuit.recordSuccess();

        assertThat(lab).isClosed();
    }

    @Test
    void an_ignored_one_does_not_move_an_open_circuit() {
        lab.tripAndCool();

        assertThat(lab.circuit.record(Outcome.cancelled())).isEqualTo(Settlement.IGNORED);

        assertThat(lab).isOpen();
    }

    @Test
    void a_negative_age_counts_as_none() {
        lab.trip().pass(COOLDOWN);

        assertThat(lab.circuit.record(Outcome.success(), seconds(-100))).isEqualTo(Settlement.COUNTED);
    }
}
