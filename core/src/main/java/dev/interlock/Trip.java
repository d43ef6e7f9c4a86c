package dev.interlock;

import dev.interlock.store.OpeningRecord;
import dev.interlock.store.TrialEnd;
import java.io.Serializable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a circuit that is not closed remembers of its opening, over the epochs in open and half-open that follow.
 *
 * @param ticks when it opened
 * @param at the wall clock's time then, for display
 * @param figures what it had counted at the trip
 * @param failedTrials failed trials since the trip that make the cooldown grow
 * @param realTrial the tick of the trip, or of the last real trial that was admitted while probes fail
 * @param lastFailure the tick of the last failure that counted, or {@link RollingWindow#NEVER}
 * @param waitEnd when the longest wait ends that failures since the last success have asked for, or {@link
 *     RollingWindow#NEVER}
 * @param failedCaller the slot of the caller whose trial failed last, or {@link TrialEnd#NOBODY}
 * @param why its cause and who is behind it, over restarts; null if that was not stored
 */
record Trip(
        long ticks,
        Instant at,
        Figures figures,
        int failedTrials,
        long realTrial,
        long lastFailure,
        long waitEnd,
        int failedCaller,
        @Nullable OpeningRecord why)
        implements Serializable {
    private static final String OVERRIDE = "override";
    private static final String PROBES_FAILED = "probes_failed";

    /** The same trip, opened again. */
    Trip again(long now, Instant wall, boolean grows, long newLastFailure, long newWaitEnd, int newFailedCaller) {
        return new Trip(
                now,
                wall,
                figures,
                grows ? failedTrials + 1 : failedTrials,
                realTrial,
                newLastFailure,
                newWaitEnd,
                newFailedCaller,
                why);
    }

    /** The same trip, which a person has made his own. */
    Trip because(OpeningRecord opening) {
        return new Trip(ticks, at, figures, failedTrials, realTrial, lastFailure, waitEnd, failedCaller, opening);
    }

    /** Whether a person opened the circuit: then it refuses calls also where its policy only observes. */
    boolean isPersons() {
        return why != null && OVERRIDE.equals(why.cause());
    }

    /** Whether nothing but failed probes opened the circuit. */
    boolean isByProbes() {
        return why != null && PROBES_FAILED.equals(why.cause());
    }

    /**
     * How long a caller is no trial since its trial was the last that failed, so that another can try.
     *
     * @param failedLast whose trial failed last in another process, where that is not known here
     * @param callers who has asked; without another one nobody is held back
     * @param turn the tick until which it is none
     */
    long heldBack(int minCallers, @Nullable Callers callers, int slot, int failedLast, long turn, long now) {
        int failed = failedCaller == TrialEnd.NOBODY && failedTrials > 0 ? failedLast : failedCaller;
        return minCallers > 1 && slot == failed && now < turn && callers != null && callers.hasAnother(slot, now)
                ? turn - now
                : 0;
    }

    Trip withRealTrial(long now) {
        return new Trip(ticks, at, figures, failedTrials, now, lastFailure, waitEnd, failedCaller, why);
    }
}
