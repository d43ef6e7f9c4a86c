package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 12: clocks; the properties are tested elsewhere. */
class Rule12ClocksTest {
    private final Lab lab = new Lab();

    @Test
    void a_step_of_the_wall_clock_changes_no_cooldown() {
        lab.trip();
        for (Duration step : List.of(Duration.ofDays(30), Duration.ofDays(-60))) {
            lab.time.stepWallClock(step);
            assertThat(lab).isOpen().refusesFor(COOLDOWN);
            lab.refusal();
        }
    }

    @Test
    void a_step_of_the_wall_clock_moves_no_holds_end() {
        lab.hold(OverrideAction.HOLD_OPEN, seconds(300));
        lab.time.stepWallClock(Duration.ofDays(1));
        lab.pass(seconds(299));
        assertThat(lab).isHeld();

        lab.time.stepWallClock(Duration.ofDays(-2));
        lab.pass(seconds(1));
        assertThat(lab).isNotHeld();
    }

    @Test
    void a_step_of_the_wall_clock_empties_no_window() {
        lab.fail(3);
        lab.time.stepWallClock(Duration.ofDays(30));
        assertThat(lab).hasCounted(3, 3);
    }
}
