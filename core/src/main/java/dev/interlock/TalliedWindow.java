package dev.interlock;

import org.jspecify.annotations.Nullable;

/** A window whose calls are counted once more, for the other processes that share the circuit. */
final class TalliedWindow extends RollingWindow {
    private final RollingWindow window;
    private final Unreported counts;
    private final boolean slowCalls;

    TalliedWindow(WindowShape shape, RollingWindow window, Unreported counts) {
        super(shape, slow(shape, window.slowCalls(), counts));
        this.window = window;
        this.counts = counts;
        this.slowCalls = false;
    }

    private TalliedWindow(WindowShape shape, RollingWindow ofSlowCalls, Unreported counts, boolean slowCalls) {
        super(shape, null);
        this.window = ofSlowCalls;
        this.counts = counts;
        this.slowCalls = slowCalls;
    }

    @Override
    void add(long now, boolean bad) {
        window.add(now, bad);
        if (slowCalls) {
            counts.countTimed(bad);
        } else {
            counts.count(bad);
        }
    }

    @Override
    long sum(long now) {
        return window.sum(now);
    }

    private static @Nullable RollingWindow slow(
            WindowShape shape, @Nullable RollingWindow ofSlowCalls, Unreported counts) {
        return ofSlowCalls == null ? null : new TalliedWindow(shape, ofSlowCalls, counts, true);
    }
}
