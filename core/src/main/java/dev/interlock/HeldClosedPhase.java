package dev.interlock;

import org.jspecify.annotations.Nullable;

/** A stay in closed that somebody holds: counts, never trips. */
final class HeldClosedPhase extends ClosedPhase {
    private final HoldTerm holdTerm;

    HeldClosedPhase(Origin origin, HoldTerm holdTerm) {
        super(origin);
        this.holdTerm = holdTerm;
    }

    @Override
    @Nullable
    Wish wishAt(Policy policy, long now) {
        return holdTerm.isOver(now) ? Wish.plain(CircuitState.CLOSED, TransitionCause.HOLD_ENDED) : null;
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
    boolean isPlainlyClosed() {
        return false;
    }
}
