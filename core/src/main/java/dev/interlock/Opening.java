package dev.interlock;

import java.time.Instant;

/**
 * What a circuit that is not closed remembers of its opening, over the stays in open and half-open that follow.
 *
 * @param ticks when it opened
 * @param at the wall clock's time then, for display
 * @param figures what it had counted at the trip
 * @param failedTrials failed trials since the trip that make the cooldown grow
 * @param realTrial the tick of the trip, or of the last real trial that was let in beside failing probes
 */
record Opening(long ticks, Instant at, Figures figures, int failedTrials, long realTrial) {
    /** The same trip, opened again. */
    Opening again(long now, Instant wall, boolean grows) {
        return new Opening(now, wall, figures, grows ? failedTrials + 1 : failedTrials, realTrial);
    }

    Opening withRealTrial(long now) {
        return new Opening(ticks, at, figures, failedTrials, now);
    }
}
