package dev.interlock;

import dev.interlock.store.OpeningRecord;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a circuit that is not closed remembers of its opening, over the epochs in open and half-open that follow.
 *
 * @param ticks when it opened
 * @param at the wall clock's time then, for display
 * @param figures what it had counted at the trip
 * @param failedTrials failed trials since the trip that make the cooldown grow
 * @param realTrial the tick of the trip, or of the last real trial that was let in beside failing probes
 * @param lastFailure the tick of the last failure that counted, or {@link RollingWindow#NEVER}
 * @param why its cause and who is behind it, over restarts; null if that was not stored
 */
record Trip(
        long ticks,
        Instant at,
        Figures figures,
        int failedTrials,
        long realTrial,
        long lastFailure,
        @Nullable OpeningRecord why) {
    /** The same trip, opened again. */
    Trip again(long now, Instant wall, boolean grows, long newLastFailure) {
        return new Trip(now, wall, figures, grows ? failedTrials + 1 : failedTrials, realTrial, newLastFailure, why);
    }

    Trip withRealTrial(long now) {
        return new Trip(ticks, at, figures, failedTrials, now, lastFailure, why);
    }
}
