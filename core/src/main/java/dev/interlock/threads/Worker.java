package dev.interlock.threads;

import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One daemon thread that takes turns: it does what there is to do, waits until it is woken or its time has come, and does
 * it again. Safe for use by any thread; turns never overlap.
 *
 * <ul>
 *   <li>The thread is started by the first {@link #wake()}, ends after a minute in which nothing was to be done, and
 *       comes back with the next one. A thread that died or could not be started is replaced in the same way.
 *   <li>Whatever a turn throws is reported and counted; the next turn comes after 100 ms.
 *   <li>An interrupt that somebody left is cleared before the thread waits.
 *   <li>The thread keeps nothing of its maker: see {@link OwnThreads}.
 *   <li>It ends with {@link #close()}. It also ends when nobody can reach this object any more, unless something
 *       {@linkplain Turn#isOwed() is owed}: so an owner that is forgotten without being closed costs no thread.
 * </ul>
 */
public final class Worker implements AutoCloseable {
    /** What a worker does again and again, on its thread. */
    @FunctionalInterface
    public interface Turn {
        /** The answer of a turn that has nothing to do until the worker is woken. */
        long UNTIL_WOKEN = Long.MAX_VALUE;

        /**
         * Does what there is to do now. May be called at any time, also when there is nothing; called once more after
         * {@link Worker#close()} if a thread is there.
         *
         * @return how many nanoseconds later the next turn must come at the latest; zero or less for at once
         */
        long take();

        /**
         * Whether something is left that must be done although nobody may be able to reach the worker any more.
         *
         * @return by default false
         */
        default boolean isOwed() {
            return false;
        }
    }

    private static final Duration LINGER = Duration.ofMinutes(1);

    private final Loop loop;
    private final Turn turn;
    private final Cleaner.Cleanable forgotten;

    /**
     * A worker without a thread yet.
     *
     * @param name what its thread is called
     * @param turn what it does
     */
    public Worker(String name, Turn turn) {
        this(name, turn, LINGER);
    }

    /**
     * A worker without a thread yet.
     *
     * @param name what its thread is called
     * @param turn what it does
     * @param linger how long its thread stays when there is nothing to do
     */
    public Worker(String name, Turn turn, Duration linger) {
        this.turn = turn;
        this.loop = new Loop(name, linger.toNanos(), this);
        this.forgotten = Forgotten.CLEANER.register(this, loop::close);
    }

    /** Lets a turn come soon: one that begins after this call. Neither blocks nor throws. */
    public void wake() {
        loop.wake(this);
    }

    /**
     * Whether the caller runs on this worker's thread.
     *
     * @return true during a turn
     */
    public boolean isCurrent() {
        return loop.thread.get() == Thread.currentThread();
    }

    /**
     * Whether there is a thread. Costs next to nothing.
     *
     * @return false before the first turn, when there is nothing to do for long, and after a thread was lost
     */
    public boolean isRunning() {
        return loop.thread.get() != null;
    }

    /**
     * How this worker does.
     *
     * @return its figures at this moment
     */
    public WorkerFigures figures() {
        Thread thread = loop.thread.get();
        return new WorkerFigures(loop.name, thread != null && thread.isAlive(), loop.failures.get(), loop.losses.get());
    }

    /** Lets the thread end after one more turn, and does not wait for it. */
    @Override
    public void close() {
        forgotten.clean();
    }

    /**
     * Closes, and waits for the thread to end; not on that thread itself.
     *
     * @param atMost how long to wait
     * @return true if it has ended; false if the time was up, or the caller was interrupted, which stays so
     */
    public boolean close(Duration atMost) {
        Thread thread = loop.thread.get();
        close();
        if (thread == null || !thread.isAlive()) {
            return true;
        }
        if (thread != Thread.currentThread()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, atMost.toNanos()));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return !thread.isAlive();
    }

    /** One for the JVM, made with the first worker; its thread is the JDK's and keeps nothing of its maker either. */
    private static final class Forgotten {
        static final Cleaner CLEANER = Cleaner.create();
    }

    /** The thread's side: reaches the worker, and so its owner, only while a turn is under way or something is owed. */
    private static final class Loop implements Runnable {
        private static final long AFTER_FAILURE = TimeUnit.MILLISECONDS.toNanos(100);

        private final String name;
        private final Census census;
        private final long linger;
        private final WeakReference<Worker> worker;

        /** The one that may take turns. The caller that puts a thread here in place of null starts it. */
        private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();

        private final AtomicLong failures = new AtomicLong();
        private final AtomicLong losses = new AtomicLong();
        private volatile boolean woken;
        private volatile boolean closed;

        /** Keeps the worker while something is owed, or a turn has been asked for; nobody reads it. */
        @SuppressWarnings({"unused", "FieldCanBeLocal"})
        private volatile @Nullable Worker owing;

        Loop(String name, long linger, Worker worker) {
            this.name = name;
            this.census = Census.of(name);
            this.linger = linger;
            this.worker = new WeakReference<>(worker);
        }

        void wake(Worker asking) {
            woken = true;
            owing = asking; // after the line above: see keep
            if (closed) {
                owing = null;
                return;
            }
            Thread present = thread.get();
            if (present == null) {
                start();
            } else if (present.getState() == Thread.State.TERMINATED) {
                if (thread.compareAndSet(present, null)) {
                    losses.incrementAndGet(); // it leaves this field itself before it ends
                }
                start();
            } else {
                LockSupport.unpark(present);
            }
        }

        void close() {
            closed = true;
            owing = null;
            LockSupport.unpark(thread.get());
        }

        private void start() {
            Thread fresh = null;
            try {
                fresh = OwnThreads.make(name, this);
                if (thread.compareAndSet(null, fresh)) {
                    fresh.start();
                }
            } catch (Throwable cannotStart) { // no memory, no more threads: the next one that wakes us tries again
                losses.incrementAndGet();
                census.lost();
                if (fresh != null) {
                    thread.compareAndSet(fresh, null);
                }
                owing = null;
                Reporting.report(cannotStart);
            }
        }

        @Override
        public void run() {
            Thread self = Thread.currentThread();
            do {
                try {
                    takeTurns();
                } catch (Throwable stopped) { // by Thread.stop, say, between two turns
                    woken = true;
                    failed(stopped);
                }
                thread.compareAndSet(self, null);
                // One who woke us between the last look and the line above found a thread at work.
            } while (woken && !closed && thread.compareAndSet(null, self));
            if (closed) {
                owing = null;
            }
        }

        private void takeTurns() {
            while (true) {
                boolean last = closed;
                woken = false;
                long wait = turn();
                if (last || wait < 0) {
                    return;
                }
                Thread.interrupted(); // left by a task or a caller; with it parking would not wait
                if (wait == Turn.UNTIL_WOKEN) {
                    long end = System.nanoTime() + linger;
                    for (long left = linger; left > 0 && !woken && !closed; left = end - System.nanoTime()) {
                        LockSupport.parkNanos(this, left);
                        Thread.interrupted();
                    }
                    if (!woken && !closed) {
                        return;
                    }
                } else if (wait > 0 && !woken && !closed) {
                    LockSupport.parkNanos(this, wait);
                }
            }
        }

        /** In a method of its own, so that no frame of a waiting thread holds the worker. Negative: it is gone. */
        private long turn() {
            Worker present = worker.get();
            if (present == null) {
                return -1;
            }
            try {
                return Math.max(0, present.turn.take());
            } catch (Throwable thrown) {
                failed(thrown);
                return AFTER_FAILURE;
            } finally {
                keep(present);
            }
        }

        /** One who wakes us while this looks sets the field after it has been cleared here, or is seen here. */
        private void keep(Worker present) {
            owing = null;
            if (woken || isOwed(present.turn)) {
                owing = present;
            }
        }

        private boolean isOwed(Turn turn) {
            try {
                return turn.isOwed();
            } catch (Throwable thrown) {
                failed(thrown);
                return true;
            }
        }

        private void failed(Throwable thrown) {
            failures.incrementAndGet();
            census.failed();
            Reporting.report(thrown);
        }
    }
}
