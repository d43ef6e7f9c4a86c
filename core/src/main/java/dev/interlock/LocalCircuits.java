package dev.interlock;

import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyAnswer;
import org.jspecify.annotations.Nullable;

/**
 * This process' circuits, as the {@link Fleet} sees them: what it asks of them, and has them do. Called on the fleet's
 * thread, and by calls that take or end trials.
 */
interface LocalCircuits {
    /** Whether the epoch goes on that counts here. */
    boolean isCounting(Unreported counts);

    /** Takes what was counted, as a tally of a process; null while the beginning of the epoch is not stored. */
    @Nullable
    CircuitTally take(Unreported counts, String process);

    /** Opens a circuit by the figures of all, if the epoch goes on that counted. */
    void trip(Unreported counts, TransitionCause cause, TallyAnswer answer);

    /** Hears who asks in all processes; opens a circuit all the same if the report held a failure of a kind that trips. */
    void stays(Unreported counts, CircuitTally tally, TallyAnswer answer);

    /** Reads a circuit again, since what is stored of it is not what was thought. */
    void lookAgain(CircuitId id);

    /** How far the recovery of a circuit is at a tick. */
    Recovery recovery(CircuitId id, long now);

    /** Closes a circuit after enough successful trials, unless it has opened again since they began. */
    void close(CircuitId id, @Nullable Trip tried);

    /** The number of the stored record that a circuit's present epoch is, the same for all; null while none is. */
    @Nullable
    Long stored(CircuitId id);

    /** Gives the place of a trial back whose call has ended in another process. */
    void giveBack(CircuitId id, Place place);

    /**
     * How far the recovery of a circuit is.
     *
     * @param epoch its present epoch, to be distinguished from others by identity; null if there is no such circuit
     * @param trip the opening that it is in, or null
     * @param tried whether trials may be made of it: neither closed nor held
     * @param left until its cooldown ends, in nanoseconds; 0 if it has
     * @param stored whether all know of this epoch: a place that is given before is one of the opening before
     */
    record Recovery(@Nullable Object epoch, @Nullable Trip trip, boolean tried, long left, boolean stored) {
        static final Recovery NONE = new Recovery(null, null, false, 0, false);
    }
}
