package dev.interlock;

import dev.interlock.threads.Reporting;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread on which this process deals with those that it shares circuits with. It outlives whatever its work throws and
 * any interrupt, and ends when it is closed; should it be lost nevertheless, {@link #isOver} says so.
 */
final class FleetThread implements AutoCloseable {
    /** What is done again and again. */
    interface Work {
        /** Does what is due; returns after how many nanoseconds at the latest it is to be called again. */
        long work();

        /** Whether there is nothing at all to do until somebody {@linkplain #note notes} something. */
        boolean isIdle();

        /** Hears that the thread ends. */
        void end();
    }

    private static final long AFTER_FAILURE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long AT_CLOSE = TimeUnit.SECONDS.toMillis(1);

    private final Work work;
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean over;

    /** Set while the thread sleeps until it is woken, so that a note has to wake it. */
    private volatile boolean idle;

    FleetThread(Work work) {
        this.work = work;
        thread = new Thread(null, this::run, "interlock-shared", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(FleetThread.class.getClassLoader());
    }

    void start() {
        thread.start();
    }

    /** Whether nothing will be done any more. */
    boolean isOver() {
        return over || closed;
    }

    /** Something was noted that the next round takes along: wakes the thread only if there would be none. */
    void note() {
        if (idle) {
            wake();
        }
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Does something on this thread soon; not at all once it is over. */
    void later(Runnable answer) {
        if (!isOver()) {
            answers.add(answer);
            wake();
        }
    }

    @Override
    public void close() {
        closed = true;
        wake();
        try {
            if (Thread.currentThread() != thread) {
                thread.join(AT_CLOSE);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } finally {
            over = true;
            Reporting.safely(work::end);
            answers.clear();
        }
    }

    private void turn() {
        long rest = AFTER_FAILURE;
        try {
            for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
                Reporting.safely(answer);
            }
            rest = work.work();
        } catch (Throwable failed) {
            Reporting.report(failed);
        }
        Thread.interrupted(); // a stray one would keep the thread from sleeping for ever
        if (rest > 0) {
            LockSupport.parkNanos(this, rest);
        }
        sleepWhileIdle();
    }

    private void sleepWhileIdle() {
        if (!work.isIdle()) {
            return;
        }
        idle = true;
        while (work.isIdle() && answers.isEmpty() && !closed) {
            LockSupport.park(this);
            Thread.interrupted();
        }
        idle = false;
    }
}
