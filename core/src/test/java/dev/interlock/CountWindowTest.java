package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A long window takes memory with the failures that come, not with the calls that it may hold. */
class CountWindowTest {
    private static final int LONGEST = Window.MOST_CALLS;

    @Test
    void one_that_has_just_begun_is_small_however_long_it_is() {
        assertThat(bytes(window -> window.record(0, true, false))).isLessThan(500);
    }

    @Test
    void good_calls_make_it_no_larger() {
        assertThat(bytes(window -> record(window, 3 * LONGEST, false))).isLessThan(500);
    }

    @Test
    void failures_make_it_a_bit_a_call_large_and_no_larger() {
        assertThat(bytes(window -> record(window, LONGEST / 2, true))).isBetween(LONGEST / 2 / 8L, LONGEST / 8L);
        assertThat(bytes(window -> record(window, 3 * LONGEST, true))).isBetween(LONGEST / 8L, LONGEST / 8L + 1_000);
    }

    private static void record(RollingWindow window, int calls, boolean bad) {
        for (int i = 0; i < calls; i++) {
            window.record(0, bad, false);
        }
    }

    private static long bytes(Consumer<RollingWindow> calls) {
        WindowShape shape = new WindowShape(Window.ofCalls(LONGEST), false);
        calls.accept(Windows.of(shape)); // what is made once was made then
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        calls.accept(Windows.of(shape));
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    }
}
