package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.junit.jupiter.api.Test;

/** Late outcomes are counted up to the largest number there is, and not into negative ones. */
class MostLateOutcomesTest {
    @Test
    void the_count_ends_at_the_largest_number() throws ReflectiveOperationException {
        Lab lab = new Lab();
        Permit one = lab.begin();
        Permit other = lab.begin();
        lab.trip();
        VarHandle late = MethodHandles.privateLookupIn(Circuit.class, MethodHandles.lookup())
                .findVarHandle(Circuit.class, "late", int.class);
        late.setVolatile((Circuit) lab.circuit, Integer.MAX_VALUE - 1);

        assertThat(one.succeed()).isEqualTo(Settlement.LATE);
        assertThat(other.succeed()).isEqualTo(Settlement.LATE);

        assertThat(lab.circuit.snapshot().late()).isEqualTo(Integer.MAX_VALUE);
    }
}
