package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How soon something that failed is tried again. */
class RetryTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Retry retry = new Retry();
    private final long now = -7 * MILLI; // ticks may be negative

    @Test
    void what_has_not_failed_may_be_tried_at_once() {
        assertThat(retry.left(now)).isZero();
        retry.ended(true, now);
        assertThat(retry.left(now)).isZero();
    }

    @Test
    void it_waits_50_ms_and_twice_as_long_after_each_further_failure_up_to_2_s() {
        for (long wait : new long[] {50, 100, 200, 400, 800, 1_600, 2_000, 2_000}) {
            retry.ended(false, now);
            assertThat(retry.left(now)).isEqualTo(wait * MILLI);
        }
        assertThat(retry.left(now + 1_999 * MILLI)).isEqualTo(MILLI);
        assertThat(retry.left(now + 2_001 * MILLI)).isZero();
    }

    @Test
    void after_a_success_it_begins_with_50_ms_again() {
        retry.ended(false, now);
        retry.ended(false, now);
        retry.ended(true, now);
        assertThat(retry.left(now)).isZero();
        retry.ended(false, now);
        assertThat(retry.left(now)).isEqualTo(50 * MILLI);
    }
}
