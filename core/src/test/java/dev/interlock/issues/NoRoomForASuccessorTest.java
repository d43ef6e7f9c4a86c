package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.Lab;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.TooManyCircuitsException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A kept reference to a forgotten circuit, while its organization is full of others that cannot be forgotten. */
class NoRoomForASuccessorTest {
    @Test
    void methodsThatNeedOneSayThatThereIsNoRoomAndReadingGoesOn() {
        Lab lab = new Lab(CircuitBreakerConfig.defaults(), more -> more.maxCircuitsPerOrganization(1));
        lab.pass(Duration.ofHours(26));
        lab.circuits.override(CircuitId.of("other"), ManualOverride.of(OverrideAction.HOLD_OPEN, "test"));

        assertThatThrownBy(lab.circuit::acquire).isInstanceOf(TooManyCircuitsException.class);
        assertThatThrownBy(lab.circuit::tryAcquire).isInstanceOf(TooManyCircuitsException.class);
        assertThatThrownBy(lab.circuit::recordSuccess).isInstanceOf(TooManyCircuitsException.class);
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(lab.circuit.snapshot().figures().calls()).isZero();
        assertThat(lab.circuit.config()).isEqualTo(CircuitBreakerConfig.defaults());
    }
}
