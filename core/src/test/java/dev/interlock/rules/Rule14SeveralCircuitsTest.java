package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Lab;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 14: several circuits around one call; the races are tested elsewhere. */
class Rule14SeveralCircuitsTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent").dependingOn("model:kimi", "tool:search");
    private final CircuitBreaker model = lab.circuits.getOrCreate("model:kimi");
    private final CircuitBreaker tool = lab.circuits.getOrCreate("tool:search");

    @Test
    void a_refusal_of_one_moves_none() {
        model.recordFailure(FailureKind.LOOP);
        lab.pass(COOLDOWN);
        tool.recordFailure(FailureKind.LOOP);

        assertThatThrownBy(guard::acquire)
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(refused.id()).isEqualTo(tool.id()));

        assertThat(model).isOpen();
        assertThat(lab).isClosed().hasCounted(0, 0);
    }

    @Test
    void of_several_that_refuse_the_one_with_the_longest_wait_is_named() {
        model.recordFailure(FailureKind.LOOP);
        lab.pass(seconds(30));
        tool.recordFailure(FailureKind.LOOP);
        lab.pass(seconds(10));

        assertThatThrownBy(guard::acquire).isInstanceOfSatisfying(CircuitOpenException.class, refused -> {
            assertThat(refused.id()).isEqualTo(tool.id());
            assertThat(refused.state()).isEqualTo(CircuitState.OPEN);
            assertThat(refused.retryAfter()).isEqualTo(seconds(50));
        });
        assertThat(guard.tryAcquire()).isNull();
    }

    @Test
    void all_are_taken_when_none_refuses() {
        for (CircuitBreaker each : List.of(lab.circuit, model, tool)) {
            each.recordFailure(FailureKind.LOOP);
        }
        lab.pass(COOLDOWN);

        guard.acquire();

        for (CircuitBreaker each : List.of(lab.circuit, model, tool)) {
            assertThat(each).isHalfOpen().hasTrials(1, 0);
        }
    }
}
