package dev.interlock;

import dev.interlock.threads.Worker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The exact clock's reading of a moment ago, kept in memory by one thread for the whole JVM.
 *
 * <p>Reading {@link System#nanoTime} costs some 20 ns, reading a field less than one. The thread ticks while somebody
 * reads: after a second without a reader it takes the reading away and waits, and the next reader, who finds none, reads
 * the exact clock and wakes it. When nobody has read for a minute more it ends, until it is needed again.
 */
final class CoarseClock {
    static final CoarseClock SHARED = new CoarseClock(Duration.ofMinutes(1));

    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int PERIODS_UNREAD = 100;
    private static final long NO_READING = -1;
    private static final long ORIGIN = System.nanoTime();

    private final Worker ticker;
    private volatile long reading = NO_READING;

    /** Set by readers, cleared by the thread. Plain: a lost write only costs an early nap. */
    private boolean read;

    /** Only for the thread. */
    private int unread;

    CoarseClock(Duration linger) {
        ticker = new Worker("interlock-coarse-clock", this::tick, linger);
    }

    static long exact() {
        return System.nanoTime() - ORIGIN;
    }

    long ticks() {
        long now = reading;
        if (now == NO_READING) {
            ticker.wake();
            return exact();
        }
        if (!read) {
            read = true;
        }
        return now;
    }

    Worker ticker() {
        return ticker;
    }

    /** One turn of the thread; returns how long it waits for the next. */
    long tick() {
        if (read || reading == NO_READING) {
            read = false;
            unread = 0;
        }
        if (unread++ == PERIODS_UNREAD) {
            reading = NO_READING;
            return Worker.Turn.UNTIL_WOKEN;
        }
        reading = exact();
        return PERIOD;
    }
}
