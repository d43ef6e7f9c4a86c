package dev.interlock;

import org.jspecify.annotations.Nullable;

/** How long a hold lasts by the ticks, and what ends it. */
final class HoldTerm {
    private final long end;
    private volatile Timers.@Nullable Timer timer;
    private volatile boolean abandoned;

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

    /** Sets the timer, the first time that this is called. */
    void begin(Timers timers, Runnable atEnd) {
        if (hasEnd() && timer == null && !abandoned) {
            Timers.Timer pending = timers.at(end, atEnd);
            timer = pending;
            if (abandoned) {
                timers.cancel(pending);
            }
        }
    }

    /** Cancels the timer when something else has ended the hold. */
    void abandon(Timers timers) {
        abandoned = true;
        Timers.Timer pending = timer;
        if (pending != null) {
            timers.cancel(pending);
        }
    }
}
