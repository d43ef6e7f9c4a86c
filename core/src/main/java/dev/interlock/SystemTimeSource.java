package dev.interlock;

import java.time.Instant;

/** The machine's own clocks. */
final class SystemTimeSource implements TimeSource {
    static final SystemTimeSource INSTANCE = new SystemTimeSource();

    private SystemTimeSource() {}

    @Override
    public long ticks() {
        return CoarseClock.exact();
    }

    @Override
    public long coarseTicks() {
        return CoarseClock.SHARED.ticks();
    }

    @Override
    public Instant wallTime() {
        return Instant.now();
    }
}
