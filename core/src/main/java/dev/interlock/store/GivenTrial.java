package dev.interlock.store;

/**
 * A trial that a process may make. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param round the opening after which it is tried: in another round the trial means nothing
 * @param trial its name
 */
public record GivenTrial(String organization, String name, String round, String trial) {}
