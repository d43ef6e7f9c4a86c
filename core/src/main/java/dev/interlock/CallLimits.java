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
