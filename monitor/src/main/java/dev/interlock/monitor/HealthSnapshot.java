package dev.interlock.monitor;

import dev.interlock.CircuitId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an agent was when it was last judged. Immutable.
 *
 * @param agent which agent
 * @param at when, by the wall clock
 * @param score 0 to 100, exactly by the table; 100 without calls
 * @param status what the score means; it lags behind a score that has only just become better, and it stays while the
 *     circuit is open and nothing is known
 * @param since when it got this status, by the wall clock: what should not flicker, such as a mark on a page, waits until
 *     the status has lasted a while; null if it was never judged
 * @param issues what lowers the score
 * @param figures the last 5 minutes and the last hour, whatever the circuit did
 * @param sinceOpening the same since the circuit last opened, if score and status are judged by that; else null
 */
public record HealthSnapshot(
        CircuitId agent,
        Instant at,
        int score,
        HealthStatus status,
        @Nullable Instant since,
        List<HealthIssue> issues,
        HealthFigures figures,
        @Nullable HealthFigures sinceOpening) {
    /** Copies the list. */
    public HealthSnapshot {
        issues = List.copyOf(issues);
    }

    /** Of an agent that nobody has heard of. */
    static HealthSnapshot unknown(CircuitId agent, Instant at) {
        return new HealthSnapshot(agent, at, 100, HealthStatus.UNKNOWN, null, List.of(), HealthFigures.NONE, null);
    }

    /** Whether a reader who has the other need not hear of this one at once. */
    boolean saysTheSameAs(@Nullable HealthSnapshot other) {
        return other != null
                && score == other.score
                && status == other.status
                && issues.stream()
                        .map(HealthIssue::code)
                        .toList()
                        .equals(other.issues.stream().map(HealthIssue::code).toList());
    }
}
