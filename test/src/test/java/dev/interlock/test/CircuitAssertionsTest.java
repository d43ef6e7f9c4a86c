package dev.interlock.test;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the assertions accept, and what they say when they do not. */
class CircuitAssertionsTest {
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.defaults())
            .time(new ManualTimeSource())
            .build();
    private final CircuitBreaker planner = circuits.getOrCreate("planner");

    @Test
    void an_open_circuit_has_its_story_in_the_message() {
        for (int i = 0; i < 5; i++) {
            planner.recordFailure(FailureKind.OVERLOADED);
        }

        assertThat(planner)
                .isOpen()
                .wasOpenedBy(FailureKind.OVERLOADED)
                .hasCounted(5, 5)
                .refusesFor(Duration.ofSeconds(60));
        assertThatThrownBy(() -> assertThat(planner).isClosed())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Expected the circuit of planner to be CLOSED, but it was OPEN, since: ")
                .hasMessageContaining("OVERLOADED");
        assertThatThrownBy(() -> assertThat(planner).wasOpenedBy(FailureKind.TIMEOUT))
                .hasMessageContaining("opened by TIMEOUT");
        assertThatThrownBy(() -> assertThat(planner).hasCounted(1, 0))
                .hasMessageContaining("it has counted 5, 5 failed");
    }

    @Test
    void a_closed_circuit_has_none() {
        assertThat(planner).isClosed().hasCounted(0, 0).refusesFor(Duration.ZERO);
        assertThatThrownBy(() -> assertThat(planner).isHalfOpen()).hasMessageContaining("has never moved");
    }

    @Test
    void a_hold_names_its_actor() {
        planner.override(ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));

        assertThat(planner).isOpen().isHeldBy("ada");
        assertThatThrownBy(() -> assertThat(planner).isHeldBy("bob")).hasMessageContaining("held by bob");
    }
}
