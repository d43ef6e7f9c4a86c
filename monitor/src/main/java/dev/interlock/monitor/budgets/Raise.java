package dev.interlock.monitor.budgets;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * More of a budget, for the time that is left of its period. Immutable.
 *
 * @param organization whose
 * @param budget the budget's id
 * @param subject whose limit is raised; null for that of each name, and for a budget that is shared
 * @param by how much
 * @param until when it ends
 * @param actor who raised it
 * @param reason why
 * @param at when
 */
public record Raise(
        String organization,
        String budget,
        @Nullable String subject,
        Limits by,
        Instant until,
        String actor,
        String reason,
        Instant at) {
    boolean counts(Budget raised, String name, Instant now) {
        return raised.organization().equals(organization)
                && raised.id().equals(budget)
                && now.isBefore(until)
                && (subject == null || subject.equals(name));
    }
}
