package dev.interlock.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When the figures of a closed circuit make it open. Immutable.
 *
 * @param failureThreshold failures in a row; 0 for no such rule
 * @param failureRate failed calls as a fraction of all; above 1 for no such rule
 * @param slowCallRate slow calls as a fraction of those that were looked at; above 1 for no such rule
 * @param minimum calls that the window must hold before a rate counts
 * @param window how long a call counts; null if the last calls count
 * @param windowCalls how many calls count; 0 if a span of time does
 */
public record TallyRules(
        int failureThreshold,
        double failureRate,
        double slowCallRate,
        int minimum,
        @Nullable Duration window,
        int windowCalls) {}
