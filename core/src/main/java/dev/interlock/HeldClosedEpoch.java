package dev.interlock;

import org.jspecify.annotations.Nullable;

/** An epoch in closed that somebody holds: counts, never trips. */
final class HeldClosedEpoch extends ClosedEpoch {
    private final HoldTerm holdTerm;

    HeldClosedEpoch(Origin origin, HoldTerm holdTerm) {
        super(origin);
        this.holdTerm = holdTerm;
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
