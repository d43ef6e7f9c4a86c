package dev.interlock;

import dev.interlock.store.GivenTrial;
import org.jspecify.annotations.Nullable;

/** A trial that was given to this process, or has ended in it; lost unless it is renewed. Guarded by its desk's lock. */
final class HeldTrial {
    /** Less than the time after which a trial that is not renewed is lost, by a margin for the way of an answer. */
    private static final long USABLE = 4_000 * TrialDesk.MILLI;

    final GivenTrial given;

    /** Whether it was given to this process. */
    final boolean ours;

    /** Successes that close the circuit, when it was given. */
    final int needed;

    final long since;
    long keptAt;
    long renewedAt;
    long runsUntil;

    @Nullable
    SharedPlace place;

    /** The opening that its call tries. */
    @Nullable
    Trip trip;

    HeldTrial(GivenTrial given, boolean ours, int needed, long asked, long now) {
        this.given = given;
        this.ours = ours;
        this.needed = needed;
        this.since = now;
        this.keptAt = asked;
        this.renewedAt = asked;
    }

    boolean isUsable(long now) {
        return now - keptAt < USABLE;
    }
}
