package dev.interlock.store;

import java.time.Duration;

/**
 * What follows from the figures of all processes. Immutable.
 *
 * @param judgement what follows
 * @param calls calls in the window of all processes together
 * @param failures failed ones among them
 * @param timed calls that the slow-call rule looked at
 * @param slow slow ones among those
 * @param consecutiveFailures failures in a row
 * @param again after {@link Judgement#LATER}, when to ask again; else zero
 * @param callers who asked within the window, and whose last call failed or was their own mistake
 * @param longestWait the longest wait of the present streak that is left, in all processes; zero if none is
 */
public record TallyAnswer(
        Judgement judgement,
        int calls,
        int failures,
        int timed,
        int slow,
        int consecutiveFailures,
        Duration again,
        CallerSlots callers,
        Duration longestWait) {

    /** What follows. */
    public enum Judgement {
        /** The circuit stays closed. */
        STAYS,
        /** So many failed in a row that it opens. */
        FAILURE_STREAK,
        /** So many failed that it opens. */
        FAILURE_RATE,
        /** So many were slow that it opens. */
        SLOW_CALL_RATE,
        /** Enough failed in a row, but a process had a success a moment ago: to be asked again, with nothing new. */
        LATER,
        /** Nothing was counted, since another epoch of the circuit is stored. */
        OTHER_RECORD,
        /** Nothing was counted, since the record that the tally builds on is not there. */
        NO_RECORD
    }
}
