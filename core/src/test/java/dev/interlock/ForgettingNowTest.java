package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A circuit that somebody wants forgotten. */
class ForgettingNowTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().time(time).build();

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void one_that_is_closed_goes_with_its_streak_and_its_next_life_has_a_higher_epoch() {
        fail(2);
        long before = circuits.snapshot(PLANNER).epoch();
        assertThat(circuits.contains(PLANNER)).isTrue();
        assertThat(circuits.forget(PLANNER)).isTrue();
        assertThat(circuits.contains(PLANNER)).isFalse();
        fail(4);
        assertThat(circuits.snapshot(PLANNER).state()).isEqualTo(CircuitState.CLOSED);
        assertThat(circuits.snapshot(PLANNER).epoch()).isGreaterThan(before);
        fail(1);
        assertThat(circuits.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void one_that_protects_stays_and_one_that_there_is_not_is_forgotten() {
        fail(5);
        assertThat(circuits.forget(PLANNER)).isFalse();
        assertThat(circuits.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
        time.advance(Duration.ofMinutes(2));
        Permit trial = circuits.guard(PLANNER).acquire();
        assertThat(circuits.forget(PLANNER)).as("half-open").isFalse();
        trial.succeed();
        circuits.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_CLOSED, "ada"));
        assertThat(circuits.forget(PLANNER)).as("held").isFalse();
        assertThat(circuits.forget(CircuitId.of("nobody"))).isTrue();
    }

    @Test
    void a_call_that_is_under_way_counts_in_the_next_life() {
        Permit permit = circuits.guard(PLANNER).acquire();
        assertThat(circuits.forget(PLANNER)).isTrue();
        permit.fail(FailureKind.TIMEOUT);
        fail(4);
        assertThat(circuits.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            circuits.guard(PLANNER).acquire().fail(FailureKind.TIMEOUT);
        }
    }
}
