package dev.interlock;

import dev.interlock.store.GivenTrial;
import org.jspecify.annotations.Nullable;

/** A trial's place in a half-open stay, and when it is given back at the latest. Compared by identity. */
class Lease {
    /** What a call in closed has in place of one. */
    static final Lease NONE = new Lease(Long.MAX_VALUE);

    final long end;

    Lease(long end) {
        this.end = end;
    }

    /** What the trial is among all processes that share the circuit; null if none do, or this one goes by itself. */
    @Nullable
    GivenTrial given() {
        return null;
    }

    /** Hears how the trial ended. */
    void ended(Evidence evidence) {}

    /** Hears that no call was made, so that the place is free for the next. */
    void unused() {}
}
