package dev.interlock;

import dev.interlock.threads.OwnThreads;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The time limits of one manager's async calls. What a limit ends is what the user hung on the call, so the timers only
 * hand over: to the manager's executor, and where that refuses, to threads that are there for nothing else.
 *
 * <p>A limit is kept until the manager is closed, even if nobody can reach the manager any more. Closing ends the calls
 * that are under way; for calls that begin later, the JDK's own timer keeps the limit.
 */
final class CallLimits {
    /** What has limits that move, such as a stream whose every piece puts its limit off. */
    interface Watched {
        /** The tick at which to look again; it is overdue if that is not after {@code now}. Never the user's code. */
        long look(long now);

        /** Whether it has ended, so that nobody needs to look any more. */
        boolean isOver();

        /** How the next look is cancelled. */
        void looking(Runnable cancellation);

        /** A limit has passed; on the executor. */
        void overdue(long now);

        /** The manager was closed; on the executor. */
        void closed();
    }

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Timers timers;
    private final TimeSource time;
    private final Executor executor;

    /** Its threads end when they are idle, so nobody needs to close it. */
    private final Executor instead = Executors.newCachedThreadPool(OwnThreads.factory("interlock-limits"));

    CallLimits(Timers timers, TimeSource time, Executor executor) {
        this.timers = timers;
        this.time = time;
        this.executor = executor;
    }

    /**
     * Starts a limit.
     *
     * @param length from now on
     * @param overdue done once it is over
     * @param closed done instead if the manager is closed before
     * @return takes the limit back
     */
    Runnable start(Duration length, Runnable overdue, Runnable closed) {
        long nanos = Nanos.of(length);
        if (timers.isClosed()) {
            CompletableFuture<Void> timer =
                    new CompletableFuture<Void>().completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS);
            timer.thenRun(() -> handOver(overdue));
            return () -> timer.cancel(false);
        }
        return start(time.ticks() + nanos, overdue, closed);
    }

    /**
     * Lets something begin later, which it does not once the manager is closed.
     *
     * @param length from now on
     * @param over done once it is over
     * @param closed done instead if the manager is closed before, or already
     * @return ends the pause, so that neither is done
     */
    Runnable pause(Duration length, Runnable over, Runnable closed) {
        return start(time.ticks() + Nanos.of(length), over, closed);
    }

    /** Looks at limits that move until they are over or overdue. */
    void watch(Watched watched) {
        look(watched, false);
    }

    /** @param handedOver whether this is a thread on which what the user wrote may run */
    private void look(Watched watched, boolean handedOver) {
        if (watched.isOver()) {
            return;
        }
        long now = time.ticks();
        long due = watched.look(now);
        if (due > now) {
            lookAt(due, now, watched);
        } else if (handedOver) {
            watched.overdue(now);
        } else { // and look once more there: a piece may have come meanwhile
            handOver(() -> look(watched, true));
        }
    }

    private void lookAt(long due, long now, Watched watched) {
        if (timers.isClosed()) {
            CompletableFuture.delayedExecutor(due - now, TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(() -> look(watched, false));
        } else {
            Timers.Timer timer = timers.owedAt(due, () -> look(watched, false), () -> handOver(watched::closed));
            watched.looking(() -> timers.cancel(timer));
        }
    }

    private Runnable start(long due, Runnable overdue, Runnable closed) {
        Timers.Timer timer = timers.owedAt(due, () -> handOver(overdue), () -> handOver(closed));
        return () -> timers.cancel(timer);
    }

    private void handOver(Runnable ending) {
        try {
            executor.execute(ending);
        } catch (RuntimeException | Error refused) {
            try {
                instead.execute(ending);
            } catch (Error noThread) { // not here: what blocks in it would block all other limits, holds and probes
                if (timers.isClosed()) {
                    CompletableFuture.delayedExecutor(RETRY_NANOS, TimeUnit.NANOSECONDS, Runnable::run)
                            .execute(() -> handOver(ending));
                } else {
                    start(time.ticks() + RETRY_NANOS, ending, ending);
                }
            }
        }
    }
}
