package dev.interlock;

import dev.interlock.threads.Reporting;
import dev.interlock.threads.Worker;
import dev.interlock.threads.WorkerFigures;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Everything that time must start by itself, of one manager: holds that end, probes, sweeps, time limits of async calls.
 *
 * <p>One {@link Worker} waits for the earliest; on a {@link ManualTimeSource} there is no thread and the source runs what
 * is due. Tasks are short and never the user's code: what a user wrote is handed to an executor. Scheduling and
 * cancelling take no lock. A task runs at most once, and whatever is thrown, in it or around it, loses no other.
 */
final class Timers implements AutoCloseable {
    /** Something to do at a tick; also the handle to cancel it. */
    static final class Timer implements Comparable<Timer> {
        private final long due;
        private final long sequence;
        private final Runnable task;
        private final @Nullable Runnable atClose;

        /** The thread that takes it runs or cancels this timer; only then does it leave the queue. */
        private final AtomicBoolean taken = new AtomicBoolean();

        private Timer(long due, long sequence, Runnable task, @Nullable Runnable atClose) {
            this.due = due;
            this.sequence = sequence;
            this.task = task;
            this.atClose = atClose;
        }

        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(due, other.due);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    /** How long the thread sleeps at most: who set {@link #choreDue} may have had no stack left to wake it. */
    private static final long AT_MOST_NANOS = 5_000_000_000L;

    private final TimeSource time;
    private final ConcurrentSkipListSet<Timer> queue = new ConcurrentSkipListSet<>();
    private final AtomicLong sequence = new AtomicLong();

    /** Timers for which somebody waits, although everybody else has forgotten the manager. */
    private final AtomicInteger owed = new AtomicInteger();

    private final @Nullable Worker worker;
    private volatile boolean closed;
    private volatile Runnable chore = () -> {};

    /** Set to have the chore done soon. A field, since a thread that sets it may be out of stack and memory. */
    volatile boolean choreDue;

    Timers(TimeSource time) {
        this(time, "interlock-timers");
    }

    Timers(TimeSource time, String threadName) {
        this.time = time;
        if (time instanceof ManualTimeSource manual) {
            worker = null;
            manual.watch(this);
        } else {
            worker = new Worker(threadName, new Worker.Turn() {
                @Override
                public long take() {
                    return turn();
                }

                @Override
                public boolean isOwed() {
                    return owed.get() > 0;
                }
            });
        }
    }

    /** Does something at a tick; never, if these timers are closed or forgotten before. */
    Timer at(long due, Runnable task) {
        return add(new Timer(due, sequence.getAndIncrement(), task, null));
    }

    /**
     * Does something at a tick for which somebody waits.
     *
     * @param atClose done instead, on the closing thread, if these timers are closed before or already
     */
    Timer owedAt(long due, Runnable task, Runnable atClose) {
        owed.incrementAndGet();
        return add(new Timer(due, sequence.getAndIncrement(), task, atClose));
    }

    /** What is done each time that {@link #choreDue} was set. */
    void chore(Runnable task) {
        chore = task;
    }

    /** Lets the thread come for its chore, if there is one. */
    void wakeForChore() {
        if (choreDue && worker != null) {
            worker.wake();
        }
    }

    /** Takes a timer back; nothing if it has run, or is running. */
    void cancel(Timer timer) {
        if (take(timer)) {
            queue.remove(timer);
        }
    }

    /** When there is something to do: at once for a chore, else the tick of the earliest timer. */
    long nextDue() {
        return choreDue ? Long.MIN_VALUE : firstDue();
    }

    /** The tick of the earliest timer, or {@link Long#MAX_VALUE}. */
    private long firstDue() {
        // Not first(): it throws on a queue that another thread has just emptied.
        for (Timer timer : queue) {
            return timer.due;
        }
        return Long.MAX_VALUE;
    }

    /** Starts what is due; what a task schedules for the same moment is started as well. */
    void runDue(long now) {
        if (choreDue && !closed) {
            choreDue = false;
            Reporting.safely(chore);
        }
        for (Timer timer = earliest(now); timer != null && !closed; timer = earliest(now)) {
            if (take(timer)) {
                Reporting.safely(timer.task); // one broken task must not stop the clock for every other circuit
            }
            queue.remove(timer); // last: an Error while it is taken out must not lose what it was for
        }
    }

    boolean isClosed() {
        return closed;
    }

    int size() {
        return queue.size();
    }

    /** How the threads do by which time passes: this one's, and that of the coarse clock. */
    List<WorkerFigures> workers() {
        WorkerFigures clock = CoarseClock.SHARED.ticker().figures();
        return worker == null ? List.of(clock) : List.of(worker.figures(), clock);
    }

    @Override
    public void close() {
        closed = true;
        if (worker != null) {
            worker.close();
        } else if (time instanceof ManualTimeSource manual) {
            manual.unwatch(this);
        }
        drop();
    }

    private Timer add(Timer timer) {
        queue.add(timer);
        if (closed) {
            drop();
        } else if (worker != null && (timer.due <= firstDue() || !worker.isRunning())) {
            worker.wake();
        }
        return timer;
    }

    /** Takes everything out of a queue that is not worked any more. */
    private void drop() {
        for (Timer timer : queue) {
            if (take(timer) && timer.atClose != null) {
                Reporting.safely(timer.atClose);
            }
            queue.remove(timer);
        }
    }

    private boolean take(Timer timer) {
        if (!timer.taken.compareAndSet(false, true)) {
            return false;
        }
        if (timer.atClose != null) {
            owed.decrementAndGet();
        }
        return true;
    }

    private @Nullable Timer earliest(long now) {
        for (Timer timer : queue) {
            return timer.due <= now ? timer : null;
        }
        return null;
    }

    private long turn() {
        long now = time.ticks();
        runDue(now);
        long next = nextDue();
        if (next == Long.MIN_VALUE) {
            return 0;
        }
        return next == Long.MAX_VALUE ? Worker.Turn.UNTIL_WOKEN : Math.min(Math.max(0, next - now), AT_MOST_NANOS);
    }
}
