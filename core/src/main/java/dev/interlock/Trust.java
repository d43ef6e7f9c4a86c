package dev.interlock;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the probes of one circuit can be believed, as far as is known at one moment, and since when real trials are
 * counted. Immutable: each thing that is heard gives the next value. Starts nothing and asks nobody.
 *
 * <p><b>Earned</b> by a probe that succeeds in closed. <b>Lost</b> when real trials close the circuit although the last
 * probe has failed ({@link #moved}), or when a probe has failed and the next three real calls, begun after it, succeed
 * ({@link #callSucceeded}). <b>Restored</b> by the next good one in closed.
 *
 * @param trusted whether probes decide
 * @param last how the last probe ended, or null if none has
 * @param at when, by the wall clock, or null
 * @param failedAt the tick at which a probe failed last
 * @param calls real calls that have succeeded since; {@link #UNWATCHED} unless they are looked at
 * @param trying whether trials go on that began while probes fail
 * @param tried whether a real trial was let in since the circuit opened
 * @param countedFrom the tick of the last real trial, or of the opening
 */
record Trust(
        boolean trusted,
        @Nullable Boolean last,
        @Nullable Instant at,
        long failedAt,
        int calls,
        boolean trying,
        boolean tried,
        long countedFrom) {
    /** Nobody has probed yet. */
    static final Trust NONE = new Trust(false, null, null, 0, -1, false, false, Long.MIN_VALUE);

    private static final int UNWATCHED = -1;
    private static final int CALLS = 3;

    /** A probe has ended. */
    Trust answered(boolean good, boolean inClosed, long now, Instant wall) {
        return good
                ? new Trust(trusted || inClosed, true, wall, failedAt, UNWATCHED, trying, tried, countedFrom)
                : new Trust(trusted, false, wall, now, trusted ? 0 : UNWATCHED, trying, tried, countedFrom);
    }

    /** Whether the next real calls show if the last probe was right. */
    boolean isWatching() {
        return calls != UNWATCHED;
    }

    /** A real call has succeeded in closed that began at a tick. */
    Trust callSucceeded(long began) {
        if (!isWatching() || began < failedAt) {
            return this;
        }
        boolean wrong = calls + 1 >= CALLS;
        return new Trust(
                trusted && !wrong, last, at, failedAt, wrong ? UNWATCHED : calls + 1, trying, tried, countedFrom);
    }

    /** A real call has failed in closed: the probe may have been right. */
    Trust callFailed() {
        return isWatching() ? new Trust(trusted, last, at, failedAt, UNWATCHED, trying, tried, countedFrom) : this;
    }

    /** The circuit has moved, here or, as this process has heard, elsewhere. */
    Trust moved(StateTransition transition, long tick) {
        boolean byItself = transition.actor() == null && transition.hold() == null;
        boolean real = transition.cause() == TransitionCause.REAL_TRIAL
                || transition.cause() == TransitionCause.ADOPTED && isTrialElsewhere(transition, byItself);
        if (real) {
            return new Trust(trusted, last, at, failedAt, calls, true, true, tick);
        }
        if (transition.to() == CircuitState.CLOSED) {
            boolean wrong = trusted && trying && byItself && Boolean.FALSE.equals(last);
            return new Trust(
                    trusted && !wrong, last, at, failedAt, wrong ? UNWATCHED : calls, false, false, countedFrom);
        }
        boolean trips = transition.from() == CircuitState.CLOSED && transition.cause() != TransitionCause.RESUMED;
        return new Trust(
                trusted,
                last,
                at,
                failedAt,
                calls,
                false,
                !trips && tried,
                trips || countedFrom == Long.MIN_VALUE ? tick : countedFrom);
    }

    /** Half-open in another process, or opened again there, by a trial. */
    private static boolean isTrialElsewhere(StateTransition adopted, boolean byItself) {
        return adopted.to() == CircuitState.HALF_OPEN
                || byItself && adopted.to() == CircuitState.OPEN && adopted.from() != CircuitState.CLOSED;
    }

    /** What another process has found, or this one in an earlier life. */
    Trust heard(boolean theirs, boolean theirTrial, long from) {
        return new Trust(theirs, last, at, failedAt, theirs ? calls : UNWATCHED, trying, theirTrial, from);
    }
}
