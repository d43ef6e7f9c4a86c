package dev.interlock;

import org.jspecify.annotations.Nullable;

/** The end of a circuit that its manager has forgotten: whoever still holds it is led to the one that took its place. */
final class EvictedPhase extends Phase {
    EvictedPhase(Origin origin) {
        super(origin);
    }

    @Override
    CircuitState state() {
        return CircuitState.CLOSED;
    }

    @Override
    @Nullable
    Wish wishAt(Policy policy, long now) {
        throw gone();
    }

    @Override
    @Nullable
    Lease admit(Policy policy, long now) {
        throw gone();
    }

    @Override
    long refusal(Policy policy, long now) {
        throw gone();
    }

    @Override
    @Nullable
    Wish settle(Policy policy, Lease lease, Evidence evidence) {
        throw gone();
    }

    @Override
    @Nullable
    Wish order(ManualOverride override, Policy policy, long now, long holdEnd) {
        throw gone();
    }

    @Override
    long begins() {
        throw gone();
    }

    @Override
    Figures figures(long now) {
        throw gone();
    }

    @Override
    boolean isPlainlyClosed() {
        return true;
    }

    private static IllegalStateException gone() {
        return new IllegalStateException("An evicted circuit was asked, where its successor should have been");
    }
}
