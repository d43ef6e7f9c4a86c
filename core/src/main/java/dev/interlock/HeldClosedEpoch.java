package dev.interlock;

import org.jspecify.annotations.Nullable;

/** An epoch in closed that somebody holds: counts, for itself whatever the scope, and never trips. */
final class HeldClosedEpoch extends ClosedEpoch {
    private final HoldTerm holdTerm;

    HeldClosedEpoch(Origin origin, HoldTerm holdTerm, Policy policy, @Nullable Callers callers) {
        super(origin);
        this.holdTerm = holdTerm;
        keep(callers, policy);
    }

    /** The same epoch as a second object, under the same hold. */
    HeldClosedEpoch(HeldClosedEpoch sealed, Policy policy) {
        super(sealed, policy);
        this.holdTerm = sealed.holdTerm;
    }

    @Override
    boolean countsFor(@Nullable Fleet fleet) {
        return true;
    }

    @Override
    @Nullable
    Move moveAt(Policy policy, long now) {
        return holdTerm.isOver(now) ? Move.plain(CircuitState.CLOSED, TransitionCause.HOLD_ENDED) : null;
    }

    @Override
    @Nullable
    TransitionCause reasonToTrip(Policy policy, Evidence evidence, int failures, RollingWindow window) {
        return null;
    }

    @Override
    HoldTerm holdTerm() {
        return holdTerm;
    }

    @Override
    boolean isClosedAndClean() {
        return false;
    }
}
