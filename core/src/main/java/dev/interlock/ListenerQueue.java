package dev.interlock;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The events that one listener still has to hear: bounded, told one at a time on an executor. */
final class ListenerQueue {
    private final CircuitListener listener;
    private final Executor executor;
    private final int capacity;
    private final Queue<Consumer<CircuitListener>> events = new ConcurrentLinkedQueue<>();

    /** Events in the queue or being told; whoever raises it from 0 starts the telling. */
    private final AtomicInteger pending = new AtomicInteger();

    private final AtomicLong missed = new AtomicLong();
    private final AtomicLong missedUntold = new AtomicLong();

    ListenerQueue(CircuitListener listener, Executor executor, int capacity) {
        this.listener = listener;
        this.executor = executor;
        this.capacity = capacity;
    }

    boolean isOf(CircuitListener other) {
        return listener == other;
    }

    long missed() {
        return missed.get();
    }

    /** Called by one thread at a time. */
    void offer(Consumer<CircuitListener> event) {
        if (pending.get() >= capacity) {
            miss(1);
            return;
        }
        events.add(event);
        if (pending.getAndIncrement() == 0) {
            try {
                executor.execute(this::tell);
            } catch (RuntimeException | Error cannotRun) {
                // Closed, or out of threads: the circuit goes on, and so will this queue when the executor does.
                events.clear();
                miss(pending.getAndSet(0));
            }
        }
    }

    private void tell() {
        do {
            long dropped = missedUntold.getAndSet(0);
            if (dropped > 0) {
                safely(told -> told.onMissed(dropped));
            }
            Consumer<CircuitListener> event = events.poll();
            if (event != null) {
                safely(event);
            }
        } while (pending.decrementAndGet() > 0);
    }

    private void miss(long events) {
        missed.addAndGet(events);
        missedUntold.addAndGet(events);
    }

    private void safely(Consumer<CircuitListener> event) {
        try {
            event.accept(listener);
        } catch (Throwable thrown) {
            // A listener that throws hurts neither the others nor the circuit.
            Thread thread = Thread.currentThread();
            try {
                thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
            } catch (Throwable ignored) {
                // As the virtual machine does: what a handler throws is nobody's.
            }
        }
    }
}
