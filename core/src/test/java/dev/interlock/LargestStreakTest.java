package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.settings;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.junit.jupiter.api.Test;

/** A streak of a billion failures does not overflow. */
class LargestStreakTest {
    private static final int LARGEST = (1 << 30) - 1;

    @Test
    void a_streak_that_can_grow_no_more_stays_what_it_is() throws ReflectiveOperationException {
        VarHandle streak = MethodHandles.privateLookupIn(ClosedEpoch.class, MethodHandles.lookup())
                .findVarHandle(ClosedEpoch.class, "streak", int.class);
        Lab held = new Lab();
        held.override(OverrideAction.HOLD_CLOSED);
        streak.setVolatile((ClosedEpoch) held.circuit.current(), LARGEST - 1);
        held.fail(3);
        assertThat(held).isClosed().hasStreak(LARGEST);

        Lab lab = new Lab(
                settings().failureThreshold(5).failureRateThreshold(null).build());
        streak.setVolatile((ClosedEpoch) lab.circuit.current(), LARGEST);
        lab.fail();
        assertThat(lab).isOpen().hasStreak(LARGEST);
    }
}
