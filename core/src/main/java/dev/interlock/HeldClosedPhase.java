package dev.interlock;

import org.jspecify.annotations.Nullable;

/** A stay in closed that somebody holds: counts, never trips. */
final class HeldClosedPhase extends ClosedPhase {
    private final long holdEnd;
    private volatile Timers.@Nullable Timer holdTimer;

    HeldClosedPhase(Origin origin, long holdEnd) {
        super(origin);
        this.holdEnd = holdEnd;
    }

    @Override
    @Nullable
    Wish wishAt(Policy policy, long now) {
        return now >= holdEnd ? Wish.plain(CircuitState.CLOSED, TransitionCause.HOLD_ENDED) : null;
    }

    @Override
    @Nullable
    TransitionCause reasonToTrip(Policy policy, Evidence evidence, int failures, RollingWindow window) {
        return null;
    }

    @Override
    boolean isHeld() {
        return true;
    }

    @Override
    Timers.@Nullable Timer holdTimer() {
        return holdTimer;
    }

    @Override
    void holdTimer(Timers.Timer timer) {
        holdTimer = timer;
    }

    @Override
    long holdEnd() {
        return holdEnd;
    }

    @Override
    boolean isPlainlyClosed() {
        return false;
    }
}
