package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Lab;
import dev.interlock.StateTransition;
import org.junit.jupiter.api.Test;

/** Rule 11: listeners; their races are tested elsewhere. */
class Rule11ListenersTest {
    @Test
    void listeners_hear_every_transition_in_epoch_order_before_the_move_returns() {
        Lab lab = new Lab();
        long birth = lab.circuit.snapshot().epoch();

        for (int i = 0; i < 10; i++) {
            lab.tripAndCool().fail().pass(COOLDOWN).succeed(2);
        }

        assertThat(lab.heard).hasSize(50);
        assertThat(lab.heard)
                .extracting(StateTransition::epoch)
                .containsExactlyElementsOf(java.util.stream.LongStream.rangeClosed(birth + 1, birth + 50)
                        .boxed()
                        .toList());
    }
}
