package dev.interlock;

import dev.interlock.store.GivenTrial;
import org.jspecify.annotations.Nullable;

/** A trial's place in a half-open epoch, and when it is given back at the latest. Compared by identity. */
class Place {
    /** What a call in closed has in place of one. */
    static final Place NONE = new Place(Long.MAX_VALUE);

    /** What a call has that passes although it is no trial, where the policy only observes. */
    static final Place PASSED = new Place(Long.MAX_VALUE);

    final long end;

    Place(long end) {
        this.end = end;
    }

    /** What the trial is among all processes that share the circuit; null if none do, or this one goes by itself. */
    @Nullable
    GivenTrial given() {
        return null;
    }

    /**
     * Hears that the call of the trial has ended.
     *
     * @param failedCaller the slot of its caller if it failed, else {@link dev.interlock.store.TrialEnd#NOBODY}
     */
    void ended(boolean succeeded, int failedCaller) {}

    /** Hears that no call was made, so that the place is free for the next. */
    void unused() {}
}
