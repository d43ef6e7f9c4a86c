package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a window of time does at its edges: stripes, counts that are halved, clocks that are a moment apart. */
class TimeWindowTest {
    private static final long SECOND = 1_000_000_000L;

    /** Of a window of 60 s: 11 buckets of this width are a little longer than the window. */
    private static final long BUCKET = 60 * SECOND / 11 + 60 * SECOND / 2_500;

    private static final long CYCLE = BUCKET * WindowShape.SLOTS;

    private final RollingWindow window = Windows.of(new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false));
    private VarHandle stripes;

    @BeforeEach
    void reach() throws ReflectiveOperationException {
        stripes = MethodHandles.privateLookupIn(TimeWindow.class, MethodHandles.lookup())
                .findVarHandle(TimeWindow.class, "stripes", long[][].class);
    }

    @Test
    void a_window_that_one_thread_fills_grows_no_stripes() {
        for (long now = 0; now < 5 * CYCLE; now += BUCKET / 3) {
            window.record(now, now % 2 == 0, false);
        }
        window.record(3 * CYCLE, false, false); // by a clock that is behind the others

        assertThat(stripes()).isNull();
    }

    @Test
    void calls_in_stripes_count_like_those_in_the_ring() {
        record(10, 4);
        growStripes();
        record(10, 3);

        window.record(5 * BUCKET, true, false);

        assertCounted(5 * BUCKET, 21, 8);
        assertCounted(SECOND + CYCLE, 1, 1);
        assertCounted(SECOND + 2 * CYCLE, 0, 0);
    }

    @Test
    void each_of_many_threads_finds_a_stripe() throws InterruptedException {
        growStripes();
        int threads = 3 * Objects.requireNonNull(stripes()).length;
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> record(2, 1));
            thread.start();
            thread.join();
        }

        assertCounted(SECOND, 2 * threads, threads);
        assertThat(Arrays.stream(stripes()).filter(Objects::nonNull).count())
                .as("threads do not fight for one stripe")
                .isGreaterThan(1);
    }

    @Test
    void up_to_two_million_calls_a_bucket_are_exact() {
        record(1 << 21, 3);

        assertCounted(SECOND, 1 << 21, 3);
    }

    @Test
    void counts_are_halved_together_when_the_calls_grow_too_big() {
        record((1 << 21) + 1, 333);

        assertCounted(SECOND, (1 << 20) + 1, 167);
        record(100, 10);
        assertCounted(SECOND, (1 << 20) + 101, 177);
    }

    @Test
    void counts_are_halved_together_when_the_bad_calls_grow_too_big() {
        record((1 << 21) + 1, (1 << 21) + 1);

        assertCounted(SECOND, (1 << 20) + 1, (1 << 20) + 1);
    }

    @Test
    void counts_are_halved_in_any_cycle() {
        window.record(7 * CYCLE, true, false);
        for (int i = 0; i < 1 << 21; i++) {
            window.record(7 * CYCLE, false, false);
        }

        assertCounted(7 * CYCLE, (1 << 20) + 1, 1);
        assertCounted(8 * CYCLE, 0, 0);
    }

    @Test
    void a_call_by_a_clock_that_is_behind_counts_in_the_bucket_that_others_have_renewed() {
        window.record(5 * CYCLE, true, false);
        window.record(4 * CYCLE, true, false);
        window.record(2 * CYCLE, false, false);

        assertCounted(5 * CYCLE, 3, 2);
    }

    @Test
    void a_call_by_a_clock_that_is_a_bucket_ahead_counts_already() {
        for (int slot = 0; slot < WindowShape.SLOTS; slot++) {
            RollingWindow each = Windows.of(new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false));
            long now = 9 * CYCLE + slot * BUCKET + BUCKET / 2;
            each.record(now + BUCKET, true, false);

            assertThat(RollingWindow.Sum.calls(each.sum(now)))
                    .as("seen from slot %s", slot)
                    .isEqualTo(1);
        }
    }

    @Test
    void a_window_of_ten_seconds_goes_by_the_coarse_clock_and_a_shorter_one_by_the_exact() {
        TimeSource time = new TimeSource() {
            @Override
            public long ticks() {
                return 2;
            }

            @Override
            public long coarseTicks() {
                return 1;
            }

            @Override
            public Instant wallTime() {
                return Instant.EPOCH;
            }
        };
        assertThat(new WindowShape(Window.ofTime(Duration.ofSeconds(10)), false).now(time))
                .isEqualTo(1);
        assertThat(new WindowShape(Window.ofTime(Duration.ofMillis(9_999)), false).now(time))
                .isEqualTo(2);
        assertThat(new WindowShape(Window.ofCalls(20), false).now(time))
                .as("a window of calls needs no clock, and this one is cheaper")
                .isEqualTo(1);
    }

    /** All in one bucket, the bad ones first. */
    private void record(int calls, int bad) {
        for (int i = 0; i < calls; i++) {
            window.record(SECOND, i < bad, false);
        }
    }

    /** As the first two threads do that meet at one bucket. */
    private void growStripes() {
        int processors = Runtime.getRuntime().availableProcessors();
        int most = Math.min(32, 4 * Integer.highestOneBit(Math.max(1, 2 * processors - 1)));
        stripes.setVolatile(window, new long[most][]);
    }

    private long @Nullable [] @Nullable [] stripes() {
        return (long[][]) stripes.getVolatile(window);
    }

    private void assertCounted(long now, int calls, int bad) {
        long sum = window.sum(now);
        assertThat(RollingWindow.Sum.calls(sum)).as("calls").isEqualTo(calls);
        assertThat(RollingWindow.Sum.bad(sum)).as("bad").isEqualTo(bad);
    }
}
