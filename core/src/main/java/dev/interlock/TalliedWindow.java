package dev.interlock;

import org.jspecify.annotations.Nullable;

/** A window whose calls are counted once more, for the other processes that share the circuit. */
final class TalliedWindow extends RollingWindow {
    private final RollingWindow window;
    private final SharedClosedPhase stay;
    private final boolean slowCalls;

    TalliedWindow(WindowShape shape, RollingWindow window, SharedClosedPhase stay) {
        super(shape, slow(shape, window.slowCalls(), stay));
        this.window = window;
        this.stay = stay;
        this.slowCalls = false;
    }

    private TalliedWindow(WindowShape shape, RollingWindow ofSlowCalls, SharedClosedPhase stay, boolean slowCalls) {
        super(shape, null);
        this.window = ofSlowCalls;
        this.stay = stay;
        this.slowCalls = slowCalls;
    }

    @Override
    void add(long now, boolean bad) {
        window.add(now, bad);
        if (slowCalls) {
            stay.countTimed(bad);
        } else {
            stay.count(bad);
        }
    }

    @Override
    long sum(long now) {
        return window.sum(now);
    }

    private static @Nullable RollingWindow slow(
            WindowShape shape, @Nullable RollingWindow ofSlowCalls, SharedClosedPhase stay) {
        return ofSlowCalls == null ? null : new TalliedWindow(shape, ofSlowCalls, stay, true);
    }
}
