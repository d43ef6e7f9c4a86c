package dev.interlock;

import org.jspecify.annotations.Nullable;

/** How long a hold lasts by the ticks, and what ends it. */
final class HoldTerm {
    private final long end;
    private volatile Timers.@Nullable Timer timer;

    /** A term that ends at a tick, or never at {@link Move#NO_END}. */
    HoldTerm(long end) {
        this.end = end;
    }

    /** The same term for an epoch that follows. */
    HoldTerm copy() {
        return new HoldTerm(end);
    }

    boolean hasEnd() {
        return end != Move.NO_END;
    }

    boolean isOver(long now) {
        return now >= end;
    }

    long left(long now) {
        return Math.max(0, end - now);
    }

    void begin(Timers timers, Runnable atEnd) {
        if (hasEnd()) {
            timer = timers.at(end, atEnd);
        }
    }

    /** Takes the timer back when something else has ended the hold. */
    void abandon(Timers timers) {
        Timers.Timer pending = timer;
        if (pending != null) {
            timers.cancel(pending);
        }
    }
}
