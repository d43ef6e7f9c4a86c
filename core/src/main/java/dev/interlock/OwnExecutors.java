package dev.interlock;

import dev.interlock.threads.OwnThreads;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The daemon threads of a manager that was given no executor, started when there is work and gone when there is none.
 *
 * @param events for listeners and what depends on timed-out calls: as many threads as are busy, so that a slow listener
 *     holds up nobody
 * @param probes for probes: at most 16 threads, however many circuits are open; and one more for each probe that was given
 *     up and hangs on, up to 256
 */
record OwnExecutors(ExecutorService events, ThreadPoolExecutor probes) implements AutoCloseable {
    private static final int MOST_PROBES = 16;
    private static final int MOST_HUNG = 256;
    private static final long IDLE_SECONDS = 30;

    static OwnExecutors start() {
        ThreadPoolExecutor probes = new ThreadPoolExecutor(
                MOST_PROBES,
                MOST_PROBES,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                OwnThreads.factory("interlock-probes"));
        probes.allowCoreThreadTimeOut(true);
        return new OwnExecutors(Executors.newCachedThreadPool(OwnThreads.factory("interlock-events")), probes);
    }

    /** Has a thread in place of each that is kept by a probe which was given up. Called by one thread at a time. */
    void replaceHung(int hung) {
        int threads = MOST_PROBES + Math.min(hung, MOST_HUNG);
        if (threads > probes.getMaximumPoolSize()) {
            probes.setMaximumPoolSize(threads);
            probes.setCorePoolSize(threads);
        } else {
            probes.setCorePoolSize(threads);
            probes.setMaximumPoolSize(threads);
        }
    }

    /** Gives what has been submitted to the listeners a second to end; interrupts probes. */
    @Override
    public void close() {
        probes.shutdownNow();
        events.shutdown();
        try {
            events.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
