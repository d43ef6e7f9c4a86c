package dev.interlock;

import java.time.Duration;

/**
 * RacingCircuits for races, each in the epoch that a race begins in, made without their manager's knowledge: one for each of
 * the millions would be heavy. One manager serves them all, and its clock stands still at tick 0.
 */
final class RacingCircuits {
    static final CircuitBreakerManager MANAGER = CircuitBreakerManager.builder()
            .time(new ManualTimeSource())
            .generation(0)
            .executor(Runnable::run)
            .policy("one-trial", trials(1))
            .policy("two-trials", trials(2))
            .policy("one-success", trials(2).toBuilder().successThreshold(1).build())
            .policy(
                    "one-failure",
                    CircuitBreakerConfig.defaults().toBuilder()
                            .failureThreshold(1)
                            .build())
            .build();

    private RacingCircuits() {}

    static CircuitBreaker closed(String policy) {
        return MANAGER.registry().unlisted(CircuitId.of(policy));
    }

    /** Open, and the cooldown has just passed; of epoch 1. */
    static CircuitBreaker cooledDown(String policy) {
        CircuitBreaker circuit = closed(policy);
        circuit.override(ManualOverride.of(OverrideAction.OPEN, "race"));
        circuit.override(ManualOverride.of(OverrideAction.PROBE_NOW, "race"));
        return circuit;
    }

    /** Closes a circuit, so that nothing of it waits for a timer. */
    static void forget(CircuitBreaker circuit) {
        circuit.override(ManualOverride.of(OverrideAction.RESET, "race"));
    }

    static Figures figures(CircuitBreaker circuit) {
        return circuit.current().figures(0);
    }

    private static CircuitBreakerConfig trials(int most) {
        return CircuitBreakerConfig.defaults().toBuilder()
                .halfOpenMaxRequests(most)
                .trialsAtOnce(most)
                .successThreshold(most)
                .cooldown(Duration.ofMinutes(1))
                .build();
    }
}
