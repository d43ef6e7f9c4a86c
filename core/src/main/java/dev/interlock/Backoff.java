package dev.interlock;

import java.util.concurrent.TimeUnit;

/** When something that failed is tried again: after 50 ms, then after twice as long each time, up to 2 s. For one thread. */
final class Backoff {
    private static final long FIRST_WAIT = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(2);

    private long wait = FIRST_WAIT;
    private long at;
    private boolean waiting;

    void ended(boolean well, long now) {
        if (well) {
            reset();
        } else {
            at = now + wait;
            wait = Math.min(2 * wait, LONGEST_WAIT);
            waiting = true;
        }
    }

    /** From now on there is reason to try at once. */
    void reset() {
        wait = FIRST_WAIT;
        waiting = false;
    }

    /** How long to wait yet, in nanoseconds; 0 if it may be tried. */
    long left(long now) {
        return waiting ? Math.max(0, at - now) : 0;
    }
}
