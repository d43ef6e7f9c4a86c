package dev.interlock;

import java.time.Instant;

/**
 * The two clocks of Interlock, never mixed: ticks for durations, wall time for display and storage.
 *
 * <p>Implementations must be safe for use by any thread, and cheap: a circuit asks on guarded calls.
 */
public interface TimeSource {
    /**
     * The exact clock: nanoseconds since some moment that is fixed for this source.
     *
     * @return a reading that is never negative and never goes back; not to be shown or stored
     */
    long ticks();

    /**
     * A cheaper reading of the same clock that may be a little behind it; only the buckets of a long window use it.
     *
     * @return a reading on the scale of {@link #ticks()}, by default the exact one
     */
    default long coarseTicks() {
        return ticks();
    }

    /**
     * The time of day; steps in either direction change no decision.
     *
     * @return the wall clock's reading, for display and storage only
     */
    Instant wallTime();

    /**
     * The clocks of this machine. Its coarse clock is kept by a daemon thread that ticks about every 10 ms while it is
     * read, and sleeps when for a second nobody has.
     *
     * @return the source that managers use by default
     */
    static TimeSource system() {
        return SystemTimeSource.INSTANCE;
    }
}
