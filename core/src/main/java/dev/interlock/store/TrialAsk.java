package dev.interlock.store;

import java.time.Duration;

/**
 * A process asks to try a circuit. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param trial a name for the trial that no process uses twice
 * @param most trials that may be out or have succeeded in one round
 * @param atOnce trials that may be out at one time
 * @param needed successes that close the circuit
 * @param left how long the circuit still cools down by the clock of who asks; zero if it does not. Decides only where the
 *     common clock has gone back behind the opening
 */
public record TrialAsk(
        String organization, String name, String trial, int most, int atOnce, int needed, Duration left) {}
