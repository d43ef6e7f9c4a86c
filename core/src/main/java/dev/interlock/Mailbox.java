package dev.interlock;

import dev.interlock.threads.Reporting;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs tasks one at a time, in the order in which they came, on an executor; whoever brings one goes its way. A task
 * that throws, even for want of stack or memory, delays the others but never stops them.
 */
final class Mailbox {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean running = new AtomicBoolean();
    private final Executor executor;

    Mailbox(Executor executor) {
        this.executor = executor;
    }

    void submit(Runnable task) {
        tasks.add(task);
        start();
    }

    /** Drops what has not begun; returns how much that was. */
    int clear() {
        int dropped = 0;
        while (tasks.poll() != null) {
            dropped++;
        }
        return dropped;
    }

    private void start() {
        if (!tasks.isEmpty() && running.compareAndSet(false, true)) {
            boolean started = false;
            try {
                executor.execute(this::run);
                started = true;
            } finally {
                if (!started) {
                    running.set(false);
                }
            }
        }
    }

    private void run() {
        do {
            try {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    Reporting.safely(task);
                }
            } finally {
                running.set(false);
            }
            // One that came between the last look and the line above found this thread still at work.
        } while (!tasks.isEmpty() && running.compareAndSet(false, true));
    }
}
