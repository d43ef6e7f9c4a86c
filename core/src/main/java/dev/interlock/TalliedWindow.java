package dev.interlock;

import org.jspecify.annotations.Nullable;

/** A window whose calls are counted once more, for the other processes that share the circuit. */
final class TalliedWindow extends RollingWindow {
    private final RollingWindow window;
    private final SharedClosedEpoch epoch;
    private final boolean slowCalls;

    TalliedWindow(WindowShape shape, RollingWindow window, SharedClosedEpoch epoch) {
        super(shape, slow(shape, window.slowCalls(), epoch));
        this.window = window;
        this.epoch = epoch;
        this.slowCalls = false;
    }

    private TalliedWindow(WindowShape shape, RollingWindow ofSlowCalls, SharedClosedEpoch epoch, boolean slowCalls) {
        super(shape, null);
        this.window = ofSlowCalls;
        this.epoch = epoch;
        this.slowCalls = slowCalls;
    }

    @Override
    void add(long now, boolean bad) {
        window.add(now, bad);
        if (slowCalls) {
            epoch.countTimed(bad);
        } else {
            epoch.count(bad);
        }
    }

    @Override
    long sum(long now) {
        return window.sum(now);
    }

    private static @Nullable RollingWindow slow(
            WindowShape shape, @Nullable RollingWindow ofSlowCalls, SharedClosedEpoch epoch) {
        return ofSlowCalls == null ? null : new TalliedWindow(shape, ofSlowCalls, epoch, true);
    }
}
