package dev.interlock.rules;

import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.ConfigBuilder;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import java.time.Duration;

/** What the tests of the rules have in common. */
final class Fixtures {
    static final Duration A_NANO = Duration.ofNanos(1);
    static final Duration COOLDOWN = seconds(60);

    private Fixtures() {}

    static CircuitBreakerConfig onlyStreak(int failures) {
        return settings().failureThreshold(failures).failureRateThreshold(null).build();
    }

    static CircuitBreakerConfig onlyRate(double threshold, int minimum) {
        return settings()
                .failureThreshold(null)
                .failureRateThreshold(threshold)
                .minRequestsForRate(minimum)
                .build();
    }

    static ConfigBuilder slowFrom(double seconds) {
        return settings().slowCallDuration(seconds(seconds)).slowCallRateThreshold(0.5);
    }

    static Outcome failure(FailureKind kind) {
        return Outcome.failure(kind);
    }
}
