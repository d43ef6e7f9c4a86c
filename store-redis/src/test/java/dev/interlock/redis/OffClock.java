package dev.interlock.redis;

import dev.interlock.TimeSource;
import java.time.Duration;
import java.time.Instant;

/**
 * The machine's clocks, of which that of the day is wrong.
 *
 * @param off by how much it is ahead; negative if it is behind
 */
record OffClock(Duration off) implements TimeSource {
    @Override
    public long ticks() {
        return TimeSource.system().ticks();
    }

    @Override
    public long coarseTicks() {
        return TimeSource.system().coarseTicks();
    }

    @Override
    public Instant wallTime() {
        return Instant.now().plus(off);
    }
}
