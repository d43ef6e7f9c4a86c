package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Draw;
import dev.interlock.checks.Property;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long a circuit stays open: rule 9, and the settings of the cooldown's growth. */
class CooldownProperties {
    private static final Duration RETRY_AFTER_MAX = Duration.ofMinutes(10);

    @Test
    void cooldownGrowsToItsCapAndJitterComesOnTop() {
        Property.usual().holds(draw -> {
            Duration cooldown = draw.named("cooldown", cooldown(draw));
            double multiplier = draw.named("multiplier", draw.fraction(1, 100));
            double cap = draw.named("cap", draw.fraction(1, 50));
            double jitter = draw.named("jitter", draw.fraction(0, 1));
            double random = draw.named("random", draw.fraction(0, Math.nextDown(1.0)));
            int openings = draw.named("openings", draw.integer(1, 12));
            Duration longest = Duration.ofNanos((long) (cooldown.toNanos() * cap));
            CircuitBreakerConfig config = CircuitBreakerConfig.builder()
                    .failureThreshold(1)
                    .cooldown(cooldown)
                    .cooldownMultiplier(multiplier)
                    .cooldownMax(longest)
                    .cooldownJitter(jitter)
                    .build();
            List<Duration> cooldowns = cooldowns(config, random, Outcome.failure(FailureKind.ERROR), openings);
            for (int i = 0; i < openings; i++) {
                double grown = Math.min(cooldown.toNanos() * Math.pow(multiplier, i), longest.toNanos());
                assertNear(cooldowns.get(i), grown * (1 + jitter * random));
            }
        });
    }

    @Test
    void retryAfterOfARateLimitIsTheCooldownShorterOrLonger() {
        Property.usual().holds(draw -> {
            Duration cooldown = draw.named("cooldown", cooldown(draw));
            Duration asked = draw.named("asked", cooldown(draw));
            double random = draw.named("random", draw.fraction(0, Math.nextDown(1.0)));
            int openings = draw.named("openings", draw.integer(1, 3));
            Outcome limited = Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(asked);
            for (Duration real : cooldowns(withRetryAfter(cooldown), random, limited, openings)) {
                assertThat(real).isLessThanOrEqualTo(RETRY_AFTER_MAX);
                double least = counted(asked).toNanos();
                assertThat((double) real.toNanos())
                        .isBetween(Math.floor(least), Math.min(least * 1.2, RETRY_AFTER_MAX.toNanos()));
                assertNear(real, Math.min(least * (1 + 0.2 * random), RETRY_AFTER_MAX.toNanos()));
            }
        });
    }

    @Test
    void retryAfterOfAnotherFailureOnlyMakesTheCooldownLonger() {
        Property.usual().holds(draw -> {
            Duration cooldown = draw.named("cooldown", cooldown(draw));
            Duration asked = draw.named("asked", cooldown(draw));
            int openings = draw.named("openings", draw.integer(1, 3));
            Outcome overloaded = Outcome.failure(FailureKind.OVERLOADED).retryAfter(asked);
            Duration expected = CircuitBreakerConfig.longer(counted(asked), cooldown);
            assertThat(cooldowns(withRetryAfter(cooldown), 0, overloaded, openings))
                    .containsOnly(expected);
        });
    }

    @Test
    void retryAfterOfAnEarlierFailureOfTheStreakCountsAndThatOfALateOneDoesNot() {
        Property.usual().holds(draw -> {
            Duration cooldown = draw.named("cooldown", cooldown(draw));
            Duration asked = draw.named("asked", cooldown(draw));
            ManualTimeSource time = new ManualTimeSource();
            try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                    .defaults(withRetryAfter(cooldown).toBuilder()
                            .failureThreshold(2)
                            .build())
                    .time(time)
                    .executor(Runnable::run)
                    .build()) {
                CircuitBreaker circuit = circuits.getOrCreate("agent");
                Permit late = circuit.acquire();
                circuit.record(Outcome.failure(FailureKind.OVERLOADED).retryAfter(asked));
                circuit.recordFailure(FailureKind.ERROR);
                late.settle(Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(asked.plusSeconds(1)));
                assertThat(circuit.snapshot().retryAfter())
                        .isEqualTo(CircuitBreakerConfig.longer(counted(asked), cooldown));
            }
        });
    }

    /** The cooldowns of one trip and of the failed trials after it. */
    private static List<Duration> cooldowns(CircuitBreakerConfig config, double random, Outcome failure, int openings) {
        ManualTimeSource time = new ManualTimeSource();
        List<Duration> cooldowns = new ArrayList<>();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(config)
                .time(time)
                .executor(Runnable::run)
                .randomness(() -> random)
                .build()) {
            CircuitBreaker circuit = circuits.getOrCreate("agent");
            for (int i = 0; i < openings; i++) {
                circuit.acquire().settle(failure);
                CircuitSnapshot open = circuit.snapshot();
                assertThat(open.state()).isEqualTo(CircuitState.OPEN);
                assertThat(open.lastTransition().cooldown()).isEqualTo(open.retryAfter());
                cooldowns.add(open.retryAfter());
                if (open.retryAfter().toNanos() > 1) {
                    time.advance(open.retryAfter().minusNanos(1));
                    assertThat(circuit.tryAcquire()).isNull();
                    time.advance(Duration.ofNanos(1));
                } else {
                    time.advance(open.retryAfter());
                }
            }
            assertThat(circuit.tryAcquire()).isNotNull();
        }
        return cooldowns;
    }

    /** At least a second, at most the longest. */
    private static Duration counted(Duration asked) {
        Duration least = CircuitBreakerConfig.longer(asked, Duration.ofSeconds(1));
        return least.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : least;
    }

    private static CircuitBreakerConfig withRetryAfter(Duration cooldown) {
        return CircuitBreakerConfig.builder()
                .failureThreshold(1)
                .cooldown(cooldown)
                .retryAfterMax(RETRY_AFTER_MAX)
                .build();
    }

    private static void assertNear(Duration real, double nanos) {
        assertThat((double) real.toNanos()).isBetween(nanos * (1 - 1e-9) - 2, nanos * (1 + 1e-9) + 2);
    }

    private static Duration cooldown(Draw draw) {
        return draw.coin(0.5) ? Duration.ofSeconds(draw.number(1, 3600)) : Duration.ofMillis(draw.number(1, 2000));
    }
}
