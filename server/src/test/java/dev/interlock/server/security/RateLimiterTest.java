package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.ManualTimeSource;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private final ManualTimeSource time = new ManualTimeSource();

    @Test
    void a_bucket_gives_its_burst_and_then_what_flows_in() {
        RateLimiter limiter = new RateLimiter(time, 10, 3, 100);

        assertThat(limiter.take("a")).isZero();
        assertThat(limiter.take("a")).isZero();
        assertThat(limiter.take("a")).isZero();
        assertThat(limiter.take("a")).isEqualTo(Duration.ofMillis(100).toNanos());
        assertThat(limiter.wait("a")).isEqualTo(Duration.ofMillis(100).toNanos());

        time.advance(Duration.ofMillis(99));
        assertThat(limiter.take("a")).isEqualTo(Duration.ofMillis(1).toNanos());
        time.advance(Duration.ofMillis(1));
        assertThat(limiter.wait("a")).isZero();
        assertThat(limiter.take("a")).isZero();
        assertThat(limiter.take("a")).isPositive();

        time.advance(Duration.ofDays(1));
        for (int i = 0; i < 3; i++) {
            assertThat(limiter.take("a")).isZero();
        }
        assertThat(limiter.take("a"))
                .as("a bucket never holds more than its burst")
                .isPositive();
    }

    @Test
    void one_name_costs_another_nothing() {
        RateLimiter limiter = new RateLimiter(time, 1, 1, 100);
        limiter.take("a");

        assertThat(limiter.take("a")).isPositive();
        assertThat(limiter.take("b")).isZero();
    }

    @Test
    void made_up_names_share_a_bucket_when_there_are_too_many_and_known_ones_keep_theirs() {
        RateLimiter limiter = new RateLimiter(time, 1, 2, 1_000);
        limiter.take("known");
        for (int i = 0; i < 100_000; i++) {
            limiter.take("made-up-" + i);
        }

        assertThat(limiter.size()).isLessThanOrEqualTo(1_000);
        assertThat(limiter.take("another")).isPositive();
        assertThat(limiter.wait("another")).isPositive();
        assertThat(limiter.take("known")).isZero();
    }

    @Test
    void full_buckets_are_forgotten_when_room_is_needed() {
        RateLimiter limiter = new RateLimiter(time, 1, 2, 1_000);
        for (int i = 0; i < 1_000; i++) {
            limiter.take("early-" + i);
        }
        time.advance(Duration.ofSeconds(5));

        assertThat(limiter.take("late")).isZero();
        assertThat(limiter.size()).isEqualTo(1);
    }
}
