package dev.interlock;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Brings transitions from the circuits to the listeners' queues, in epoch order per circuit and each once.
 *
 * <p><b>Where a closing is announced</b>, as every transition is: {@link #report}. Two threads that move one circuit, one
 * after the other, may arrive here in either order. So they do not bring the transition, only the circuit; what is to be
 * reported hangs, in order, from its {@link Origin}. One thread at a time walks these chains: another one leaves its
 * circuit in the {@link Mailbox} and goes on. A transition of which something else has still to be done is left to the
 * thread that does it, so that what is announced is also noted for the store.
 */
final class Publisher {
    private final List<ListenerQueue> listeners = new CopyOnWriteArrayList<>();
    private final Mailbox work;
    private final Executor executor;
    private final int capacity;

    Publisher(Executor executor, int capacity) {
        this.executor = executor;
        this.capacity = capacity;
        this.work = new Mailbox(Runnable::run, executor);
    }

    void add(CircuitListener listener) {
        Objects.requireNonNull(listener, "listener must not be null");
        listeners.add(new ListenerQueue(listener, executor, capacity));
    }

    void remove(CircuitListener listener) {
        Objects.requireNonNull(listener, "listener must not be null");
        listeners.removeIf(queue -> queue.isOf(listener));
    }

    /** Reports what a circuit has still to report. */
    void publish(Circuit circuit) {
        Origin newest = circuit.origin(); // and no newer one: a task is about one move, however many others there are
        work.submit(() -> report(newest));
    }

    /** Reports an override that changed nothing, after what led to the state that it repeats. */
    void publishRepeated(Circuit circuit, ManualOverride override, Instant at) {
        Origin newest = circuit.origin();
        work.submit(() -> {
            report(newest);
            offer(listener -> listener.onRepeatedOverride(circuit.id, override, at));
        });
    }

    /** Reports that probes have earned trust, or have lost it. */
    void publishTrust(ProbeTrust change) {
        work.submit(() -> offer(listener -> listener.onProbeTrust(change)));
    }

    /** Events that were dropped because a listener's queue was full. */
    long missed() {
        return listeners.stream().mapToLong(ListenerQueue::missed).sum();
    }

    private void report(Origin newest) {
        Deque<Origin> unreported = new ArrayDeque<>();
        Origin origin = newest;
        for (Origin before = origin.unreported; before != null; before = origin.unreported) {
            unreported.push(origin);
            origin = before;
        }
        for (Origin each : unreported) {
            if (!each.isFollowed()) {
                return; // the thread that is at it publishes next
            }
            StateTransition transition = each.transition;
            try {
                if (transition != null) {
                    offer(listener -> listener.onTransition(transition));
                }
            } finally {
                each.unreported = null;
            }
        }
    }

    private void offer(Consumer<CircuitListener> event) {
        listeners.forEach(queue -> queue.offer(event));
    }
}
