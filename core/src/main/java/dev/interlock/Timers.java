package dev.interlock;

import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Everything that time must start by itself, of one manager: holds that end, probes, sweeps, time-outs of async calls.
 *
 * <p>One daemon thread waits for the earliest; on a {@link ManualTimeSource} there is no thread and the source runs
 * what is due. Tasks are short and never the user's code: what a user wrote is handed to an executor. Scheduling and
 * cancelling take no lock.
 */
final class Timers implements AutoCloseable {
    /** Something to do at a tick; also the handle to cancel it. */
    static final class Timer implements Comparable<Timer> {
        private final long due;
        private final long sequence;
        private final Runnable task;

        private Timer(long due, long sequence, Runnable task) {
            this.due = due;
            this.sequence = sequence;
            this.task = task;
        }

        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(due, other.due);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private static final long AT_MOST_NANOS = 60_000_000_000L;

    private final TimeSource time;
    private final ConcurrentSkipListSet<Timer> queue = new ConcurrentSkipListSet<>();
    private final AtomicLong sequence = new AtomicLong();
    private final @Nullable Thread thread;
    private volatile boolean closed;

    Timers(TimeSource time) {
        this(time, "interlock-timers");
    }

    Timers(TimeSource time, String threadName) {
        this.time = time;
        if (time instanceof ManualTimeSource manual) {
            thread = null;
            manual.watch(this);
        } else {
            thread = new Thread(this::run, threadName);
            thread.setDaemon(true);
            thread.start();
        }
    }

    Timer at(long due, Runnable task) {
        Timer timer = new Timer(due, sequence.getAndIncrement(), task);
        if (!closed) {
            queue.add(timer);
        }
        if (thread != null && due <= nextDue()) {
            LockSupport.unpark(thread);
        }
        return timer;
    }

    void cancel(Timer timer) {
        queue.remove(timer);
    }

    /** The tick of the earliest timer, or {@link Long#MAX_VALUE}. */
    long nextDue() {
        // Not first(): it throws on a queue that another thread has just emptied.
        for (Timer timer : queue) {
            return timer.due;
        }
        return Long.MAX_VALUE;
    }

    /** Starts what is due; what a task schedules for the same moment is started as well. */
    void runDue(long now) {
        while (!closed && nextDue() <= now) {
            Timer timer = queue.pollFirst();
            if (timer == null) {
                return;
            }
            if (timer.due > now) {
                queue.add(timer);
                return;
            }
            Reporting.safely(timer.task); // one broken task must not stop the clock for every other circuit
        }
    }

    int size() {
        return queue.size();
    }

    @Override
    public void close() {
        closed = true;
        queue.clear();
        if (thread != null) {
            LockSupport.unpark(thread);
        } else if (time instanceof ManualTimeSource manual) {
            manual.unwatch(this);
        }
    }

    private void run() {
        while (!closed) {
            long now = time.ticks();
            runDue(now);
            long wait = Math.min(nextDue() - now, AT_MOST_NANOS);
            if (wait > 0 && !closed) {
                Thread.interrupted(); // left by a task that an executor ran here; parking would not wait with it
                LockSupport.parkNanos(this, wait);
            }
        }
    }
}
