package dev.interlock;

import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;

/**
 * Looks at each move after it was made: epochs grow, and no machine ends a hold. What another process has done is taken
 * over with its number, so of {@link TransitionCause#ADOPTED} only that is looked at: that process has looked itself.
 */
final class PromisedMoves {
    private PromisedMoves() {}

    /** A circuit has moved from one epoch to the next, at a tick. */
    static void check(CircuitId id, Epoch from, Epoch next, long now) {
        if (next.origin.epoch <= from.origin.epoch) {
            BrokenPromises.report(
                    Promise.EPOCHS_GROW,
                    id + " moved from epoch " + from.origin.epoch + " to " + next.origin.epoch
                            + ". Maybe its stored record was written by something else than Interlock");
        }
        HoldTerm hold = from.holdTerm();
        StateTransition transition = next.origin.transition;
        if (hold != null && transition != null && !mayEnd(hold, transition.cause(), now)) {
            BrokenPromises.report(Promise.HOLDS, id + " was held, and left that hold by itself: " + transition.cause());
        }
    }

    /** Compared one by one: the table of a switch could not be made at the end of a stack, and would never be there again. */
    private static boolean mayEnd(HoldTerm hold, TransitionCause cause, long now) {
        return cause == TransitionCause.OVERRIDE
                || cause == TransitionCause.ADOPTED
                || cause == TransitionCause.HOLD_ENDED && hold.isOver(now);
    }
}
