package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.settings;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.junit.jupiter.api.Test;

/** A streak of {@link Integer#MAX_VALUE} failures does not overflow. */
class LargestStreakTest {
    @Test
    void a_streak_that_can_grow_no_more_stays_what_it_is() throws ReflectiveOperationException {
        VarHandle streak = MethodHandles.privateLookupIn(ClosedEpoch.class, MethodHandles.lookup())
                .findVarHandle(ClosedEpoch.class, "streak", int.class);
        Lab held = new Lab();
        held.override(OverrideAction.HOLD_CLOSED);
        streak.setVolatile((ClosedEpoch) held.circuit.current(), Integer.MAX_VALUE - 1);
        held.fail(3);
        assertThat(held).isClosed().hasStreak(Integer.MAX_VALUE);

        Lab lab = new Lab(
                settings().failureThreshold(5).failureRateThreshold(null).build());
        streak.setVolatile((ClosedEpoch) lab.circuit.current(), Integer.MAX_VALUE);
        lab.fail();
        assertThat(lab).isOpen().hasStreak(Integer.MAX_VALUE);
    }
}
