package dev.interlock.store;

import java.time.Duration;

/**
 * A process asks whether it is the one that probes a shared circuit. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param process who asks, different for each process
 * @param purpose what for, without control characters: what is probed for one purpose says nothing about another
 * @param kept how long no other process may, unless this one asks again before
 * @param ready whether the asking process has found what it was looking for: from now on all hear {@link ProbeLease#READY}
 */
public record ProbeAsk(
        String organization, String name, String process, String purpose, Duration kept, boolean ready) {}
