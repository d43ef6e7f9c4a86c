package dev.interlock.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a process may try a circuit. Immutable.
 *
 * @param place whether it may, or why not
 * @param given the trial, if it may; else null
 * @param left until the cooldown ends, if it has not; else zero
 * @param failedCaller the slot of the caller whose trial failed last, or {@link TrialEnd#NOBODY}
 */
public record TrialAnswer(Place place, @Nullable GivenTrial given, Duration left, int failedCaller) {

    /** Whether a process may try a circuit. */
    public enum Place {
        /** It may. */
        GIVEN,
        /** As many as may are trying already. */
        FULL,
        /** So many have succeeded that the circuit should close. */
        ENOUGH,
        /** The cooldown has not ended. */
        COOLING,
        /** The circuit is closed or held. */
        NOT_TRIED,
        /** Nothing is known of the circuit. */
        NO_RECORD
    }
}
