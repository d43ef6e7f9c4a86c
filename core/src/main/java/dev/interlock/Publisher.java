package dev.interlock;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Brings transitions from the circuits to the listeners' queues, in epoch order per circuit and each once.
 *
 * <p>Two threads that move one circuit, one after the other, may arrive here in either order. So they do not bring the
 * transition, only the circuit; what is to be told hangs, in order, from its {@link Origin}. One thread at a time walks
 * these chains: whoever finds it at work leaves its circuit in the queue and goes its way.
 */
final class Publisher {
    private final List<ListenerQueue> listeners = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> work = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final Executor executor;
    private final int capacity;

    Publisher(Executor executor, int capacity) {
        this.executor = executor;
        this.capacity = capacity;
    }

    void add(CircuitListener listener) {
        listeners.add(new ListenerQueue(listener, executor, capacity));
    }

    void remove(CircuitListener listener) {
        listeners.removeIf(queue -> queue.isOf(listener));
    }

    /** Tells what this circuit still has to tell. */
    void publish(CircuitBreaker circuit) {
        submit(() -> tell(circuit.origin()));
    }

    void publishRepeated(CircuitId id, ManualOverride override) {
        submit(() -> listeners.forEach(queue -> queue.offer(listener -> listener.onRepeatedOverride(id, override))));
    }

    /** Events that were dropped because a listener's queue was full. */
    long missed() {
        return listeners.stream().mapToLong(ListenerQueue::missed).sum();
    }

    private void submit(Runnable task) {
        work.add(task);
        if (pending.getAndIncrement() == 0) {
            do {
                Runnable next = work.poll();
                if (next != null) {
                    next.run();
                }
            } while (pending.decrementAndGet() != 0);
        }
    }

    private void tell(Origin newest) {
        Deque<Origin> untold = new ArrayDeque<>();
        Origin origin = newest;
        while (true) {
            Origin before = origin.untold;
            if (before == null) {
                break;
            }
            untold.push(origin);
            origin = before;
        }
        for (Origin each : untold) {
            @Nullable StateTransition transition = each.transition;
            if (transition != null) {
                listeners.forEach(queue -> queue.offer(listener -> listener.onTransition(transition)));
            }
            each.untold = null;
        }
    }
}
