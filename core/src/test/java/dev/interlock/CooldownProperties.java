package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** How long a circuit stays open: rule 9, and the settings of the cooldown's growth. */
class CooldownProperties {
    private static final Duration RETRY_AFTER_MAX = Duration.ofMinutes(10);

    @Property
    void cooldownGrowsToItsCapAndJitterComesOnTop(
            @ForAll("cooldowns") Duration cooldown,
            @ForAll @DoubleRange(min = 1, max = 100) double multiplier,
            @ForAll @DoubleRange(min = 1, max = 50) double cap,
            @ForAll @DoubleRange(min = 0, max = 1) double jitter,
            @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double random,
            @ForAll @IntRange(min = 1, max = 12) int openings) {
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
    }

    @Property
    void retryAfterOfARateLimitIsTheCooldownShorterOrLonger(
            @ForAll("cooldowns") Duration cooldown,
            @ForAll("cooldowns") Duration asked,
            @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double random,
            @ForAll @IntRange(min = 1, max = 3) int openings) {
        Outcome limited = Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(asked);
        for (Duration real : cooldowns(withRetryAfter(cooldown), random, limited, openings)) {
            assertThat(real).isLessThanOrEqualTo(RETRY_AFTER_MAX);
            double least = Math.min(asked.toNanos(), RETRY_AFTER_MAX.toNanos());
            assertThat((double) real.toNanos())
                    .isBetween(Math.floor(least), Math.min(least * 1.2, RETRY_AFTER_MAX.toNanos()));
            assertNear(real, Math.min(least * (1 + 0.2 * random), RETRY_AFTER_MAX.toNanos()));
        }
    }

    @Property
    void retryAfterOfAnotherFailureOnlyMakesTheCooldownLonger(
            @ForAll("cooldowns") Duration cooldown,
            @ForAll("cooldowns") Duration asked,
            @ForAll @IntRange(min = 1, max = 3) int openings) {
        Outcome overloaded = Outcome.failure(FailureKind.OVERLOADED).retryAfter(asked);
        Duration capped = asked.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : asked;
        Duration expected = capped.compareTo(cooldown) > 0 ? capped : cooldown;
        assertThat(cooldowns(withRetryAfter(cooldown), 0, overloaded, openings)).containsOnly(expected);
    }

    @Property
    void retryAfterOfAFailureThatDoesNotTripChangesNothing(
            @ForAll("cooldowns") Duration cooldown, @ForAll("cooldowns") Duration asked) {
        ManualTimeSource time = new ManualTimeSource();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(
                        withRetryAfter(cooldown).toBuilder().failureThreshold(2).build())
                .time(time)
                .executor(Runnable::run)
                .build()) {
            CircuitBreaker circuit = circuits.getOrCreate("agent");
            Permit late = circuit.acquire();
            circuit.record(Outcome.failure(FailureKind.OVERLOADED).retryAfter(asked));
            circuit.recordFailure(FailureKind.ERROR);
            late.settle(Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(asked));
            assertThat(circuit.snapshot().retryAfter()).isEqualTo(cooldown);
        }
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

    @Provide
    Arbitrary<Duration> cooldowns() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(1, 2000).map(Duration::ofMillis),
                Arbitraries.longs().between(1, 3600).map(Duration::ofSeconds));
    }
}
