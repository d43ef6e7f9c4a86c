package dev.interlock;

import dev.interlock.threads.Reporting;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Listeners for changes of the gates in effect, called on the executor for events: one call at a time, and one for all
 * changes that happened before it begins. Safe for use by any thread.
 */
final class GateHearers {
    private final Executor events;
    private final List<Runnable> hearers = new CopyOnWriteArrayList<>();
    private final AtomicInteger changes = new AtomicInteger();

    GateHearers(Executor events) {
        this.events = events;
    }

    void add(Runnable hearer) {
        hearers.add(hearer);
    }

    /** Other gates are shown; does not wait. */
    void changed() {
        if (hearers.isEmpty() || changes.getAndIncrement() > 0) {
            return;
        }
        try {
            events.execute(this::call);
        } catch (RejectedExecutionException closed) {
            changes.set(0);
        }
    }

    private void call() {
        int heard;
        do {
            heard = changes.get();
            hearers.forEach(Reporting::safely);
        } while (!changes.compareAndSet(heard, 0));
    }
}
