package dev.interlock.server.permits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Circuits alone, without figures or registry. */
record Unwatched(CircuitBreakerManager circuits) implements PermitWatch {
    @Override
    public void asked(CircuitId agent, List<CircuitId> dependencies, Instant at) {}

    @Override
    public Settlement record(CircuitId agent, Outcome outcome, Duration age, Instant at) {
        return circuits.getOrCreate(agent).record(outcome, age);
    }
}
