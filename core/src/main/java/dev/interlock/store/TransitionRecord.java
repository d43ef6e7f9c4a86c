package dev.interlock.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line of a circuit's audit trail as it lies in a store: plain values, times by the wall clock. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param epoch the number of the epoch that began; of an override that changed nothing, the epoch that it confirmed
 * @param from {@code closed}, {@code open} or {@code half_open}: the state before
 * @param to the state from then on
 * @param at when
 * @param cause why, in lower case, such as {@code failure_streak} or {@code override}
 * @param action which action it was, in lower case, such as {@code hold_open}; null unless it was an override
 * @param repeated whether an override changed nothing, since the circuit was that way already
 * @param kind the failure that tripped or re-opened, or null
 * @param cooldownMillis how long the circuit was to stay open before a trial, or null
 * @param calls calls in the window when it left closed; 0 otherwise
 * @param failures failed ones among them
 * @param consecutiveFailures failures in a row at that moment
 * @param held whether somebody holds the circuit from then on
 * @param holdUntil when the hold ends by itself, or null
 * @param actor who decided so, or null for the circuit itself
 * @param reason the reason given, or null
 * @param skipped automatic transitions before this one that were not written, because newer ones overtook them
 */
public record TransitionRecord(
        String organization,
        String name,
        long epoch,
        String from,
        String to,
        Instant at,
        String cause,
        @Nullable String action,
        boolean repeated,
        @Nullable String kind,
        @Nullable Long cooldownMillis,
        int calls,
        int failures,
        int consecutiveFailures,
        boolean held,
        @Nullable Instant holdUntil,
        @Nullable String actor,
        @Nullable String reason,
        int skipped) {
    /**
     * Whether this is an override; such a line is never skipped.
     *
     * @return true for an override
     */
    public boolean isOverride() {
        return action != null;
    }

    /**
     * The same line, after more that were not written.
     *
     * @param more how many further ones were skipped
     * @return a copy
     */
    public TransitionRecord skipping(int more) {
        return new TransitionRecord(
                organization,
                name,
                epoch,
                from,
                to,
                at,
                cause,
                action,
                repeated,
                kind,
                cooldownMillis,
                calls,
                failures,
                consecutiveFailures,
                held,
                holdUntil,
                actor,
                reason,
                skipped + more);
    }
}
