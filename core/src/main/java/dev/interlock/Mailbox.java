package dev.interlock;

import dev.interlock.threads.OwnThreads;
import dev.interlock.threads.Reporting;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time, in the order in which they came, on an executor; the thread that brings one goes on. A task that throws,
 * even for lack of stack or memory, delays the others but never stops them.
 *
 * <p>A thread that runs tasks does its own, and of others' at most {@value #BATCH}: then it hands the rest over, to an
 * executor or, where that would run them on the same thread again, to a thread that lives as long as there is work.
 */
final class Mailbox {
    private static final int BATCH = 100;

    private record Entry(Runnable task, Thread by) {}

    private final Queue<Entry> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean running = new AtomicBoolean();
    private final Executor executor;
    private final Executor relief;

    /** The thread that is handing over; an executor that runs tasks where they are given to it comes back on it. */
    private volatile @Nullable Thread handingOver;

    /** Runs tasks on an executor. */
    Mailbox(Executor executor) {
        this(executor, executor);
    }

    /** Runs tasks on an executor, and what is too much for one thread on another. */
    Mailbox(Executor executor, Executor relief) {
        this.executor = executor;
        this.relief = relief;
    }

    void submit(Runnable task) {
        tasks.add(new Entry(task, Thread.currentThread()));
        start(executor);
    }

    /** Drops what has not begun; returns how much that was. */
    int clear() {
        int dropped = 0;
        while (tasks.poll() != null) {
            dropped++;
        }
        return dropped;
    }

    private void start(Executor where) {
        if (!tasks.isEmpty() && running.compareAndSet(false, true)) {
            boolean started = false;
            try {
                where.execute(this::run);
                started = true;
            } finally {
                if (!started) {
                    running.set(false);
                }
            }
        }
    }

    private void run() {
        if (handingOver == Thread.currentThread()) {
            handOverToAThread();
            return;
        }
        boolean more;
        do {
            more = false;
            try {
                more = runBatch();
            } finally {
                running.set(false);
            }
            if (more) {
                handOver();
                return;
            }
            // One that came between the last look and the line above found this thread still at work.
        } while (!tasks.isEmpty() && running.compareAndSet(false, true));
    }

    /** Runs what is there; true if others have brought so much that it is for another thread. */
    private boolean runBatch() {
        Thread self = Thread.currentThread();
        int others = 0;
        for (Entry entry = tasks.peek(); entry != null; entry = tasks.peek()) {
            if (entry.by != self && ++others > BATCH) {
                return true;
            }
            Entry next = tasks.poll();
            if (next != null) { // cleared meanwhile
                Reporting.safely(next.task);
            }
        }
        return false;
    }

    private void handOver() {
        handingOver = Thread.currentThread();
        try {
            start(relief);
        } catch (RuntimeException | Error cannotRun) {
            Reporting.report(cannotRun); // the next task that comes brings these along
        } finally {
            handingOver = null;
        }
    }

    private void handOverToAThread() {
        boolean started = false;
        try {
            OwnThreads.make("interlock-events", this::run).start();
            started = true;
        } finally {
            if (!started) {
                running.set(false);
            }
        }
    }
}
