package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.threads.Worker;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The coarse clock goes on while somebody reads it, and rests when nobody has for a second. Its turns are the test's. */
class CoarseClockTest {
    private static final long TEN_MILLIS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int A_SECOND = 100;

    private final CoarseClock clock = new CoarseClock(Duration.ofMinutes(1));

    @AfterEach
    void close() {
        clock.ticker().close();
    }

    @Test
    void a_reading_stays_for_ten_milliseconds_and_is_never_ahead() {
        for (int i = 0; i < 10; i++) {
            long before = CoarseClock.exact();
            assertThat(clock.tick()).isEqualTo(TEN_MILLIS);
            long reading = clock.ticks();
            assertThat(reading).isBetween(before, CoarseClock.exact());
            assertThat(clock.ticks()).isEqualTo(reading);
        }
        assertThat(clock.ticker().isRunning()).as("no reader had to wake it").isFalse();
    }

    @Test
    void it_goes_on_while_it_is_read_once_a_second() {
        clock.tick();
        for (int round = 0; round < 3; round++) {
            clock.ticks();
            for (int i = 0; i < A_SECOND; i++) {
                assertThat(clock.tick()).isEqualTo(TEN_MILLIS);
            }
        }
        assertThat(clock.tick()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
    }

    @Test
    void after_a_second_without_a_reader_it_rests_until_the_next_one_who_reads_the_exact_clock() {
        for (int i = 0; i < A_SECOND; i++) {
            assertThat(clock.tick()).isEqualTo(TEN_MILLIS);
        }
        assertThat(clock.tick()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(clock.ticker().isRunning()).isFalse();

        long before = CoarseClock.exact();
        assertThat(clock.ticks()).isBetween(before, CoarseClock.exact());

        assertThat(clock.ticker().isRunning()).isTrue();
        await().until(() -> {
            long reading = clock.ticks();
            return clock.ticks() == reading;
        });
    }

    @Test
    void a_rest_is_followed_by_a_whole_second() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < A_SECOND; i++) {
                assertThat(clock.tick()).isEqualTo(TEN_MILLIS);
            }
            assertThat(clock.tick()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        }
    }

    /** Sums of ticks and settings, of up to 73 years, must not overflow. */
    @Test
    void ticks_begin_with_the_process() {
        Instant started =
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
        assertThat(Duration.ofNanos(CoarseClock.exact()))
                .isLessThanOrEqualTo(Duration.between(started, Instant.now()).plusSeconds(5));
    }

    @Test
    void the_machines_wall_clock_is_that_of_everybody() {
        Instant before = Instant.now();
        assertThat(TimeSource.system().wallTime()).isBetween(before, Instant.now());
    }
}
