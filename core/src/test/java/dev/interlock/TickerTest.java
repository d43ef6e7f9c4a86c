package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TickerTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void runs_once_a_period_and_not_at_the_start() {
        try (Ticker ticker = Ticker.every("test", time, Duration.ofSeconds(1), runs::incrementAndGet)) {
            time.advance(Duration.ofMillis(999));
            assertThat(runs).hasValue(0);
            time.advance(Duration.ofMillis(1));
            assertThat(runs).hasValue(1);
            time.advance(Duration.ofSeconds(9));
            assertThat(runs).hasValue(10);
        }
        time.advance(Duration.ofSeconds(5));
        assertThat(runs).hasValue(10);
    }

    @Test
    void goes_on_after_a_run_that_threw() {
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> runs.incrementAndGet());
        try (Ticker ticker = Ticker.every("test", time, Duration.ofSeconds(1), () -> {
            throw new IllegalStateException("broken");
        })) {
            time.advance(Duration.ofSeconds(3));
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertThat(runs).hasValue(3);
    }

    @Test
    void runs_on_a_thread_of_its_own_by_the_clock_of_the_machine() {
        try (Ticker ticker = Ticker.every("its-own", TimeSource.system(), Duration.ofMillis(1), () -> {
            if (Thread.currentThread().getName().equals("its-own")) {
                runs.incrementAndGet();
            }
        })) {
            await().untilAtomic(runs, org.hamcrest.Matchers.greaterThan(2));
        }
    }

    @Test
    void a_run_that_comes_late_is_not_made_up_for() {
        List<Long> began = new ArrayList<>();
        try (Ticker ticker = Ticker.every("test", time, Duration.ofSeconds(1), () -> {
            began.add(Duration.ofNanos(time.ticks()).toMillis());
            if (began.size() == 1) {
                time.advance(Duration.ofMillis(3_500)); // as long as it takes
            }
        })) {
            time.advance(Duration.ofSeconds(1));
            time.advance(Duration.ofSeconds(2));
            ticker.close();
            time.advance(Duration.ofSeconds(2));
        }
        assertThat(began).containsExactly(1_000L, 4_500L, 5_500L, 6_500L);
    }

    @Test
    void refuses_a_period_of_zero_or_less() {
        for (Duration period : List.of(Duration.ZERO, Duration.ofSeconds(-2))) {
            assertThatThrownBy(() -> Ticker.every("test", time, period, runs::incrementAndGet))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("A period must be longer than zero, but was " + Nanos.text(period));
        }
    }
}
