package dev.interlock;

import java.time.Duration;

/**
 * Circuits for races, each in the stay that a race begins in, made directly: a manager for each of the millions would
 * be heavy. One manager serves them all, and its clock stands still at tick 0.
 */
final class Circuits {
    static final CircuitBreakerManager MANAGER = CircuitBreakerManager.builder()
            .time(new ManualTimeSource())
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

    private static final Origin BIRTH = Origin.birth(0, 0);
    private static final Opening OPENING =
            new Opening(0, MANAGER.time().wallTime(), Figures.NONE, 0, 0, RollingWindow.NEVER);

    private Circuits() {}

    static CircuitBreaker closed(String policy) {
        return circuit(policy, new ClosedPhase(BIRTH));
    }

    /** Open, and the cooldown has just passed. */
    static CircuitBreaker cooledDown(String policy) {
        return circuit(policy, new OpenPhase(BIRTH, OPENING, 0, false, Wish.NO_END));
    }

    /** Half-open, with nobody out. */
    static CircuitBreaker halfOpen(String policy) {
        return circuit(policy, new HalfOpenPhase(BIRTH, OPENING, false, null));
    }

    /** Takes a circuit off the manager's list of those that need attention, or the list would grow for ever. */
    static void forget(CircuitBreaker circuit) {
        circuit.override(ManualOverride.of(OverrideAction.RESET, "race"));
    }

    static Figures figures(CircuitBreaker circuit) {
        return circuit.phase().figures(0);
    }

    private static CircuitBreaker circuit(String policy, Phase first) {
        CircuitId id = CircuitId.of(policy);
        return new CircuitBreaker(id, MANAGER.policyTable().resolve(id), first);
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
