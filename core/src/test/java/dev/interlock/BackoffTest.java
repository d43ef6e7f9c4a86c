package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How soon something that failed is tried again. */
class BackoffTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Backoff backoff = new Backoff();
    private final long now = -7 * MILLI; // ticks may be negative

    @Test
    void what_has_not_failed_may_be_tried_at_once() {
        assertThat(backoff.left(now)).isZero();
        backoff.ended(true, now);
        assertThat(backoff.left(now)).isZero();
    }

    @Test
    void it_waits_50_ms_and_twice_as_long_after_each_further_failure_up_to_2_s() {
        for (long wait : new long[] {50, 100, 200, 400, 800, 1_600, 2_000, 2_000}) {
            backoff.ended(false, now);
            assertThat(backoff.left(now)).isEqualTo(wait * MILLI);
        }
    }

    @Test
    void the_wait_runs_from_the_failure_and_ends() {
        backoff.ended(false, now);
        assertThat(backoff.left(now + 49 * MILLI)).isEqualTo(MILLI);
        assertThat(backoff.left(now + 50 * MILLI)).isZero();
        assertThat(backoff.left(now + 60 * MILLI)).isZero();
    }

    @Test
    void after_a_success_or_a_reason_to_try_it_begins_with_50_ms_again() {
        backoff.ended(false, now);
        backoff.ended(false, now);
        backoff.ended(true, now);
        assertThat(backoff.left(now)).isZero();
        backoff.ended(false, now);
        assertThat(backoff.left(now)).isEqualTo(50 * MILLI);
        backoff.ended(false, now);
        backoff.reset();
        assertThat(backoff.left(now)).isZero();
        backoff.ended(false, now);
        assertThat(backoff.left(now)).isEqualTo(50 * MILLI);
    }
}
