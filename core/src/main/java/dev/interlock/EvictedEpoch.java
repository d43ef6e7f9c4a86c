package dev.interlock;

import org.jspecify.annotations.Nullable;

/** The end of a circuit that its manager has forgotten: whoever still holds it is led to the one that took its place. */
final class EvictedEpoch extends Epoch {
    EvictedEpoch(Origin origin) {
        super(origin);
    }

    @Override
    CircuitState state() {
        return CircuitState.CLOSED;
    }

    @Override
    @Nullable
    Move moveAt(Policy policy, long now) {
        throw gone();
    }

    @Override
    @Nullable
    Place admit(Policy policy, long now) {
        throw gone();
    }

    @Override
    long refusal(Policy policy, long now) {
        throw gone();
    }

    @Override
    @Nullable
    Move settle(Policy policy, Place place, Evidence evidence) {
        throw gone();
    }

    @Override
    @Nullable
    Move override(ManualOverride override, Policy policy, long now, long holdEnd) {
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
    boolean isClosedAndClean() {
        return true;
    }

    private static IllegalStateException gone() {
        return new IllegalStateException("An evicted circuit was asked, where its successor should have been");
    }
}
