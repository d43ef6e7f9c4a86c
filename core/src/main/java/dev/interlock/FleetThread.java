package dev.interlock;

import dev.interlock.threads.Reporting;
import dev.interlock.threads.Worker;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The {@link Worker} with which this process deals with those that it shares circuits with. What is noted wakes it only
 * while it has nothing to do at all: else the next turn comes soon, and takes along whatever was noted until then.
 */
final class FleetThread implements AutoCloseable {
    /** What is done again and again. */
    interface Work {
        /** Does what is due; returns after how many nanoseconds at the latest it is to be called again. */
        long work();

        /** Whether there is nothing at all to do until something is {@linkplain #note noted}. */
        boolean isIdle();

        /** Hears once that nothing will be done any more. */
        void end();
    }

    private static final Duration AT_CLOSE = Duration.ofSeconds(1);

    private final Work work;
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final Worker worker = new Worker("interlock-shared", this::turn);
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean started;
    private volatile boolean closed;

    /** Set while no turn will come before the worker is woken. */
    private volatile boolean idle = true;

    FleetThread(Work work) {
        this.work = work;
    }

    void start() {
        started = true;
        wake();
    }

    /** Whether nothing will be done any more. */
    boolean isOver() {
        return closed;
    }

    /** Something was noted that the next turn takes along: wakes the worker only if none would come, or it was lost. */
    void note() {
        if (idle || !worker.isRunning()) {
            wake();
        }
    }

    void wake() {
        if (started) {
            worker.wake();
        }
    }

    /** Does something on the worker's thread soon; not at all once it is over. */
    void later(Runnable answer) {
        if (!closed) {
            answers.add(answer);
            wake();
        }
    }

    WorkerFigures figures() {
        return worker.figures();
    }

    @Override
    public void close() {
        closed = true;
        if (worker.close(AT_CLOSE)) {
            end(); // if there was no thread to do so
        }
    }

    /** Does what is due on the worker's thread; returns after how many nanoseconds the next turn is. */
    long turn() {
        if (closed) {
            end();
            return Worker.Turn.UNTIL_WOKEN;
        }
        idle = false;
        for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
            Reporting.safely(answer);
        }
        long rest = work.work();
        idle = work.isIdle();
        // A thread that notes something from here on sees that it has to wake.
        return idle && work.isIdle() ? Worker.Turn.UNTIL_WOKEN : rest;
    }

    private void end() {
        if (ended.compareAndSet(false, true)) {
            work.end();
        }
    }
}
