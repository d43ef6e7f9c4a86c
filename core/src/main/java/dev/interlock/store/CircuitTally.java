package dev.interlock.store;

import java.time.Duration;

/**
 * What one process has counted of a closed circuit since its last tally. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param basis the epoch of the stored record that the present epoch agrees with, or {@link CircuitChange#CLOSED_AND_CLEAN}
 * @param process who counted it: a name that no other process has, without spaces
 * @param calls calls that counted as success or failure
 * @param failures failed ones among them
 * @param timed calls that the slow-call rule looked at
 * @param slow slow ones among those
 * @param failuresSinceSuccess failures after the last success among them; all if there was none
 * @param callers who asked, and how their last calls ended
 * @param longestWait the longest wait asked for by the failures of the present streak that is left; zero if none is
 * @param rules by what to judge
 */
public record CircuitTally(
        String organization,
        String name,
        long basis,
        String process,
        int calls,
        int failures,
        int timed,
        int slow,
        int failuresSinceSuccess,
        CallerSlots callers,
        Duration longestWait,
        TallyRules rules) {}
