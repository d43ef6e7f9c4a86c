package dev.interlock;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Brings transitions from the circuits to the listeners' queues, in epoch order per circuit and each once.
 *
 * <p>Two threads that move one circuit, one after the other, may arrive here in either order. So they do not bring the
 * transition, only the circuit; what is to be told hangs, in order, from its {@link Origin}. One thread at a time walks
 * these chains: whoever finds it at work leaves its circuit in the queue and goes its way.
 */
final class Publisher {
    private final List<ListenerQueue> listeners = new CopyOnWriteArrayList<>();
    private final Mailbox work = new Mailbox(Runnable::run);
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
        work.submit(() -> tell(circuit.origin()));
    }

    /** Tells an order that changed nothing, after what led to the state that it repeats. */
    void publishRepeated(CircuitBreaker circuit, ManualOverride override, Instant at) {
        work.submit(() -> {
            tell(circuit.origin());
            offer(listener -> listener.onRepeatedOverride(circuit.id(), override, at));
        });
    }

    /** Events that were dropped because a listener's queue was full. */
    long missed() {
        return listeners.stream().mapToLong(ListenerQueue::missed).sum();
    }

    private void tell(Origin newest) {
        Deque<Origin> untold = new ArrayDeque<>();
        Origin origin = newest;
        for (Origin before = origin.untold; before != null; before = origin.untold) {
            untold.push(origin);
            origin = before;
        }
        for (Origin each : untold) {
            StateTransition transition = each.transition;
            try {
                if (transition != null) {
                    offer(listener -> listener.onTransition(transition));
                }
            } finally {
                each.untold = null;
            }
        }
    }

    private void offer(Consumer<CircuitListener> event) {
        listeners.forEach(queue -> queue.offer(event));
    }
}
