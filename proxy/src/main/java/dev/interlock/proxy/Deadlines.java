package dev.interlock.proxy;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one event loop that may take too long: one timer for all of them, since nearly every call ends before it could
 * be late. On its event loop only.
 *
 * <p>A list linked both ways, so that a call comes and goes at the cost of a few links. The timer is set for the moment at
 * which the first of them could be late, and then looks at all; a call that has ended meanwhile does not take it back.
 */
final class Deadlines {
    /** So that many calls that are due one after the other are looked at together. */
    private static final long LEAST_MILLIS = 10;

    /** A call under way. */
    abstract static class Watched {
        private @Nullable Watched before;
        private @Nullable Watched after;
        private boolean isWatched;
        private long due;

        /**
         * Looks whether the call has taken too long, and ends it if so.
         *
         * @param now nanoseconds
         * @return when to look again, in nanoseconds
         */
        abstract long look(long now);
    }

    /** Runs a task after a while, on the same event loop. */
    @FunctionalInterface
    interface Timer {
        void after(long millis, Runnable task);
    }

    private final LongSupplier nanos;
    private final Timer timer;
    private @Nullable Watched first;

    private boolean isSet;

    /** When the timer fires, if it is set. */
    private long fires;

    Deadlines(LongSupplier nanos, Timer timer) {
        this.nanos = nanos;
        this.timer = timer;
    }

    /** Looks at a call from a moment on, until it has {@linkplain #remove ended}. */
    void add(Watched call, long now, long due) {
        call.due = due;
        call.isWatched = true;
        call.after = first;
        if (first != null) {
            first.before = call;
        }
        first = call;
        if (!isSet || due - fires < 0) {
            set(now, due);
        }
    }

    /** Forgets a call; one that is not watched is none. */
    void remove(Watched call) {
        if (!call.isWatched) {
            return;
        }
        call.isWatched = false;
        if (call.before == null) {
            first = call.after;
        } else {
            call.before.after = call.after;
        }
        if (call.after != null) {
            call.after.before = call.before;
        }
        call.before = null;
        call.after = null;
    }

    private void set(long now, long due) {
        long millis = Math.max(LEAST_MILLIS, TimeUnit.NANOSECONDS.toMillis(due - now) + 1);
        long moment = now + TimeUnit.MILLISECONDS.toNanos(millis);
        isSet = true;
        fires = moment;
        timer.after(millis, () -> {
            if (isSet && fires == moment) { // else an earlier one has been set since
                isSet = false;
                look();
            }
        });
    }

    private void look() {
        long now = nanos.getAsLong();
        Watched next = first;
        while (next != null) {
            Watched call = next;
            next = call.after; // before the call ends; if it takes this one with it, the timer is set once more
            if (call.isWatched && call.due - now <= 0) {
                call.due = call.look(now);
            }
        }
        if (first != null) {
            long soonest = first.due;
            for (Watched each = first; each != null; each = each.after) {
                soonest = each.due - soonest < 0 ? each.due : soonest;
            }
            set(now, soonest);
        }
    }
}
