package dev.interlock.server.permits;

import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Circuits alone, without figures or registry. */
record Unwatched() implements PermitWatch {
    @Override
    public void asked(CircuitId agent, List<CircuitId> dependencies, Instant at) {}

    @Override
    public void refused(CircuitId agent, CircuitId circuit, Instant at) {}

    @Override
    public Settlement record(Guard guard, Outcome outcome, Duration age, Instant at) {
        return guard.record(outcome, age);
    }
}
