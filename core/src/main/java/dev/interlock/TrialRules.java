package dev.interlock;

/**
 * How a circuit is tried.
 *
 * @param most trials that may be out or have succeeded in one round
 * @param atOnce trials that may be out at one time
 * @param needed successes that close the circuit
 * @param timeout nanoseconds after which a trial that has not ended gives its place back
 */
record TrialRules(int most, int atOnce, int needed, long timeout) {}
