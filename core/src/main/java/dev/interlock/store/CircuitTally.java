package dev.interlock.store;

/**
 * What one process has counted of a closed circuit since it told last. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param basis the epoch of the stored record that the present epoch agrees with, or {@link CircuitChange#CLOSED_AND_CLEAN}
 * @param calls calls that counted as success or failure
 * @param failures failed ones among them
 * @param timed calls that the slow-call rule looked at
 * @param slow slow ones among those
 * @param failuresSinceSuccess failures after the last success among them; all if there was none
 * @param rules by what to judge
 */
public record CircuitTally(
        String organization,
        String name,
        long basis,
        int calls,
        int failures,
        int timed,
        int slow,
        int failuresSinceSuccess,
        TallyRules rules) {}
