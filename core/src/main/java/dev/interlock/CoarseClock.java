package dev.interlock;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The exact clock's reading of a moment ago, kept in memory by one daemon thread for the whole JVM.
 *
 * <p>Reading {@link System#nanoTime} costs some 20 ns, reading a field less than one. The thread runs while somebody
 * reads: after a second without a reader it takes the reading away and parks, and the next reader, who finds none,
 * reads the exact clock and wakes it.
 */
final class CoarseClock {
    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int PERIODS_UNREAD = 100;
    private static final long NO_READING = -1;
    private static final long ORIGIN = System.nanoTime();

    private static volatile long reading = NO_READING;

    /** Set by readers, cleared by the thread. Plain: a lost write only costs an early nap. */
    private static boolean read;

    private static final Thread TICKER = start();

    private CoarseClock() {}

    static long exact() {
        return System.nanoTime() - ORIGIN;
    }

    static long ticks() {
        long now = reading;
        if (now == NO_READING) {
            LockSupport.unpark(TICKER);
            return exact();
        }
        if (!read) {
            read = true;
        }
        return now;
    }

    private static Thread start() {
        Thread ticker = new Thread(CoarseClock::run, "interlock-coarse-clock");
        ticker.setDaemon(true);
        ticker.start();
        return ticker;
    }

    private static void run() {
        while (true) {
            for (int unread = 0; unread < PERIODS_UNREAD; unread++) {
                if (read) {
                    read = false;
                    unread = 0;
                }
                reading = exact();
                LockSupport.parkNanos(CoarseClock.class, PERIOD);
            }
            reading = NO_READING;
            LockSupport.park(CoarseClock.class);
        }
    }
}
