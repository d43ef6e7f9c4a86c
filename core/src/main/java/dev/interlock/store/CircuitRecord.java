package dev.interlock.store;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A circuit as it lies in a store: plain values, times by the wall clock. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param state {@code closed}, {@code open} or {@code half_open}, or what a newer version knows: it is carried as it is,
 *     and decides like the one of these that it resembles
 * @param epoch the number of its epoch; of two records of one circuit the one with the higher epoch is the newer
 * @param failureCount failures in the window, or at the trip
 * @param successCount successes in the window, or at the trip
 * @param consecutiveFailures failures in a row
 * @param openings how often it has opened
 * @param failedTrials failed trials since the trip, by which the cooldown has grown
 * @param lastFailureAt when the last failure counted, or null
 * @param changedAt when the epoch began
 * @param openedAt when it opened, or null while closed
 * @param cooldownUntil when the cooldown ends; null unless it is open and not held
 * @param held whether a person holds it
 * @param holdUntil when the hold ends by itself, or null
 * @param actor who changed it, or null for the circuit itself
 * @param reason why, or null
 * @param policy the pattern whose settings applied
 * @param writer the generation of the process that wrote it
 * @param opening why it opened; null while closed, or if a version wrote it that did not keep this
 */
public record CircuitRecord(
        String organization,
        String name,
        String state,
        long epoch,
        int failureCount,
        int successCount,
        int consecutiveFailures,
        int openings,
        int failedTrials,
        @Nullable Instant lastFailureAt,
        Instant changedAt,
        @Nullable Instant openedAt,
        @Nullable Instant cooldownUntil,
        boolean held,
        @Nullable Instant holdUntil,
        @Nullable String actor,
        @Nullable String reason,
        String policy,
        long writer,
        @Nullable OpeningRecord opening) {
    /**
     * Checks that nothing is missing.
     *
     * @throws NullPointerException if a value is null that must not be; the message names it
     */
    public CircuitRecord {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(changedAt, "changedAt");
        Objects.requireNonNull(policy, "policy");
    }

    /**
     * A record that does not say why the circuit opened.
     *
     * @param organization as above
     * @param name as above
     * @param state as above
     * @param epoch as above
     * @param failureCount as above
     * @param successCount as above
     * @param consecutiveFailures as above
     * @param openings as above
     * @param failedTrials as above
     * @param lastFailureAt as above
     * @param changedAt as above
     * @param openedAt as above
     * @param cooldownUntil as above
     * @param held as above
     * @param holdUntil as above
     * @param actor as above
     * @param reason as above
     * @param policy as above
     * @param writer as above
     */
    public CircuitRecord(
            String organization,
            String name,
            String state,
            long epoch,
            int failureCount,
            int successCount,
            int consecutiveFailures,
            int openings,
            int failedTrials,
            @Nullable Instant lastFailureAt,
            Instant changedAt,
            @Nullable Instant openedAt,
            @Nullable Instant cooldownUntil,
            boolean held,
            @Nullable Instant holdUntil,
            @Nullable String actor,
            @Nullable String reason,
            String policy,
            long writer) {
        this(
                organization,
                name,
                state,
                epoch,
                failureCount,
                successCount,
                consecutiveFailures,
                openings,
                failedTrials,
                lastFailureAt,
                changedAt,
                openedAt,
                cooldownUntil,
                held,
                holdUntil,
                actor,
                reason,
                policy,
                writer,
                null);
    }

    /**
     * The same under the next epoch, for a store that has forgotten it: a half-open circuit is open, since nobody knows
     * its trials any more.
     *
     * @return a copy
     */
    public CircuitRecord again() {
        return new CircuitRecord(
                organization,
                name,
                state.equals("half_open") ? "open" : state,
                epoch + 1,
                failureCount,
                successCount,
                consecutiveFailures,
                openings,
                failedTrials,
                lastFailureAt,
                changedAt,
                openedAt,
                cooldownUntil,
                held,
                holdUntil,
                actor,
                reason,
                policy,
                writer,
                opening);
    }

    /**
     * Whether this circuit is closed and nobody holds it: such circuits need not be read at the start.
     *
     * @return true if a new circuit would look the same
     */
    public boolean isClosedAndClean() {
        return state.equals("closed") && !held;
    }
}
