package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReorderTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void gives_calls_in_order_whatever_order_they_come_in() throws BadRowException {
        Random random = new Random(1);
        Reorder reorder = new Reorder();
        List<Call> in = new ArrayList<>();
        List<Call> out = new ArrayList<>();
        for (int line = 1; line <= 5_000; line++) {
            in.add(call(line, (1_000 + line - random.nextInt(55)) * SECOND));
        }
        for (Call call : in) {
            reorder.add(call);
            for (Call next = reorder.poll(); next != null; next = reorder.poll()) {
                out.add(next);
            }
        }
        for (Call next = reorder.drain(); next != null; next = reorder.drain()) {
            out.add(next);
        }

        in.sort(Comparator.comparingLong(Call::time).thenComparingLong(Call::line));
        assertThat(out).containsExactlyElementsOf(in);
    }

    @Test
    void keeps_a_call_until_nothing_can_come_before_it() throws BadRowException {
        Reorder reorder = new Reorder();
        reorder.add(call(1, 0));
        reorder.add(call(2, 60 * SECOND));
        assertThat(reorder.poll()).as("a call at the same time may still come").isNull();

        reorder.add(call(3, 60 * SECOND + 1));
        assertThat(reorder.poll()).isEqualTo(call(1, 0));
        assertThat(reorder.poll()).isNull();
    }

    @Test
    void gives_the_first_out_early_when_there_are_too_many() throws BadRowException {
        Reorder reorder = new Reorder(Reorder.SPAN, 2);
        reorder.add(call(1, 10));
        reorder.add(call(2, 20));
        assertThat(reorder.poll()).isNull();
        reorder.add(call(3, 30));
        assertThat(reorder.poll()).isEqualTo(call(1, 10));
        reorder.add(call(4, 10));

        assertThatThrownBy(() -> reorder.add(call(5, 9)))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("must not be 2 rows late");
    }

    private static Call call(long line, long time) {
        return new Call(line, time, 0, null, null, true, null, Call.NO_WAIT, null);
    }
}
