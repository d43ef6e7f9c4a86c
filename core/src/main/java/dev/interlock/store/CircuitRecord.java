package dev.interlock.store;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A circuit as it lies in a store: plain values, times by the wall clock. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param state {@code closed}, {@code open} or {@code half_open}
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
 * @param policy the pattern whose settings were in force
 * @param writer the generation of the process that wrote it
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
        long writer) {
    private static final Set<String> STATES = Set.of("closed", "open", "half_open");

    /**
     * Checks the state.
     *
     * @throws IllegalArgumentException if it is none of the three
     */
    public CircuitRecord {
        if (!STATES.contains(state)) {
            throw new IllegalArgumentException("The state of circuit '" + organization + "/" + name
                    + "' must be closed, open or half_open, but was '" + state + "'");
        }
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
