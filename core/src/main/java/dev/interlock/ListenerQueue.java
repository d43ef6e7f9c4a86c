package dev.interlock;

import dev.interlock.threads.Reporting;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The events that one listener still has to hear: bounded, reported one at a time on an executor. */
final class ListenerQueue {
    private final CircuitListener listener;
    private final int capacity;
    private final Mailbox mailbox;

    /** Events that wait or are being reported. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final AtomicLong missed = new AtomicLong();
    private final AtomicLong missedUntold = new AtomicLong();

    ListenerQueue(CircuitListener listener, Executor executor, int capacity) {
        this.listener = listener;
        this.capacity = capacity;
        this.mailbox = new Mailbox(executor);
    }

    boolean isOf(CircuitListener other) {
        return listener == other;
    }

    long missed() {
        return missed.get();
    }

    /** Called by one thread at a time. */
    void offer(Consumer<CircuitListener> event) {
        if (waiting.get() >= capacity) {
            miss(1);
            return;
        }
        waiting.incrementAndGet();
        try {
            mailbox.submit(() -> deliver(event));
        } catch (RuntimeException | Error cannotRun) {
            // Closed, or out of threads: the circuit goes on, and so will this queue when the executor does.
            int dropped = mailbox.clear();
            waiting.addAndGet(-dropped);
            miss(dropped);
        }
    }

    private void deliver(Consumer<CircuitListener> event) {
        try {
            long dropped = missedUntold.getAndSet(0);
            if (dropped > 0) {
                Reporting.safely(() -> listener.onMissed(dropped));
            }
            event.accept(listener);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private void miss(long events) {
        missed.addAndGet(events);
        missedUntold.addAndGet(events);
    }
}
