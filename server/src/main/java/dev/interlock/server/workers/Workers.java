package dev.interlock.server.workers;

import dev.interlock.monitor.Shares;
import dev.interlock.threads.OwnThreads;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A few threads for what takes time. Organizations are served in turns; one alone may use half of the threads and have a
 * quarter of the waiting places, and less as there are more, so that none keeps another waiting. Nobody waits for long:
 * what has no turn in time, or is not done in time, is answered as busy.
 *
 * <p>Safe for use by any thread; answers come on the caller's event loop.
 */
public final class Workers implements AutoCloseable {
    private static final int PERCENT_OF_THREADS = 50;
    private static final int PERCENT_OF_PLACES = 25;

    private final Vertx vertx;
    private final ExecutorService threads;
    private final int most;
    private final Duration turn;
    private final Duration whole;
    private final Shares running;
    private final Shares places;

    /** What waits, by organization; the first in the map is served next. */
    private final Map<String, Deque<Task<?>>> lanes = new LinkedHashMap<>();

    private int busy;

    /**
     * Starts.
     *
     * @param vertx whose event loops ask
     * @param name of the threads
     * @param threads how many there are, at least 2
     * @param places how many calls may wait
     * @param turn how long a call waits for its turn at most
     * @param whole how long it takes at most, waiting included, before it is answered as busy; longer than {@code turn}
     */
    public Workers(Vertx vertx, String name, int threads, int places, Duration turn, Duration whole) {
        this.vertx = vertx;
        this.most = threads;
        this.turn = turn;
        this.whole = whole;
        this.running = new Shares(threads, PERCENT_OF_THREADS);
        this.places = new Shares(places, PERCENT_OF_PLACES);
        this.threads = Executors.newFixedThreadPool(threads, OwnThreads.factory(name));
    }

    /**
     * Has something read or computed.
     *
     * @param organization for whom
     * @param work what to do; may block
     * @return what it answered; fails with what it threw, or with {@link BusyException} if there was no turn or no result
     *     in time
     */
    public <T> Future<T> run(String organization, Callable<T> work) {
        return submit(new Task<>(organization, work, whole));
    }

    /**
     * Has something changed: once it is begun its end is waited for, since nobody could say what became of it.
     *
     * @param organization for whom
     * @param work what to do; may block
     * @return what it answered; fails with what it threw, or with {@link BusyException} if there was no turn in time
     */
    public <T> Future<T> change(String organization, Callable<T> work) {
        return submit(new Task<>(organization, work, Duration.ZERO));
    }

    /** What is begun is interrupted, what waits is never answered. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private <T> Future<T> submit(Task<T> task) {
        Context context = vertx.getOrCreateContext();
        synchronized (lanes) {
            if (!places.take(task.organization, 1)) {
                return Future.failedFuture(BusyException.tooMany());
            }
            lanes.computeIfAbsent(task.organization, fresh -> new ArrayDeque<>())
                    .addLast(task);
            dispatch();
        }
        if (!task.answer.isDone()) {
            task.watch();
        }
        return Future.fromCompletionStage(task.answer, context);
    }

    /** Gives idle threads to the organizations whose turn it is. */
    private void dispatch() {
        while (busy < most && !threads.isShutdown()) {
            Task<?> next = next();
            if (next == null) {
                return;
            }
            busy++;
            try {
                threads.execute(next);
            } catch (Throwable cannotStart) { // no memory, no more threads: the next call tries again
                busy--;
                running.give(next.organization, 1);
                next.answer.completeExceptionally(cannotStart);
                return;
            }
        }
    }

    private @Nullable Task<?> next() {
        for (Iterator<Map.Entry<String, Deque<Task<?>>>> each = lanes.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<String, Deque<Task<?>>> lane = each.next();
            String organization = lane.getKey();
            Deque<Task<?>> tasks = lane.getValue();
            while (!tasks.isEmpty() && tasks.getFirst().answer.isDone()) {
                tasks.removeFirst(); // nobody waits for it any more
                places.give(organization, 1);
            }
            if (tasks.isEmpty()) {
                each.remove();
            } else if (mayRun(organization)) {
                Task<?> task = tasks.removeFirst();
                places.give(organization, 1);
                each.remove();
                if (!tasks.isEmpty()) {
                    lanes.put(organization, tasks); // behind the others
                }
                return task;
            }
        }
        return null;
    }

    /** One that runs nothing may always have an idle thread. */
    private boolean mayRun(String organization) {
        if (running.held(organization) == 0) {
            running.hold(organization, 1);
            return true;
        }
        return running.take(organization, 1);
    }

    private void done(String organization) {
        synchronized (lanes) {
            busy--;
            running.give(organization, 1);
            dispatch();
        }
    }

    private final class Task<T> implements Runnable {
        private final String organization;
        private final Callable<T> work;
        private final Duration atMost;
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private volatile boolean begun;

        Task(String organization, Callable<T> work, Duration atMost) {
            this.organization = organization;
            this.work = work;
            this.atMost = atMost;
        }

        /** Sees to it that somebody answers. */
        void watch() {
            long noTurn = vertx.setTimer(turn.toMillis(), late -> {
                if (!begun) {
                    answer.completeExceptionally(
                            BusyException.tooLong("The server is busy; this call had no turn in time"));
                } else if (!atMost.isZero() && !answer.isDone()) {
                    long noEnd = vertx.setTimer(
                            Math.max(1, atMost.minus(turn).toMillis()),
                            tooLate -> answer.completeExceptionally(BusyException.tooLong(
                                    "The database does not answer in time, or there is too much to look through")));
                    answer.whenComplete((result, failed) -> vertx.cancelTimer(noEnd));
                }
            });
            answer.whenComplete((result, failed) -> vertx.cancelTimer(noTurn));
        }

        @Override
        public void run() {
            begun = true;
            try {
                if (!answer.isDone()) {
                    answer.complete(work.call());
                }
            } catch (Throwable failed) {
                answer.completeExceptionally(failed);
            } finally {
                done(organization);
            }
        }
    }
}
