package dev.interlock;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Worker;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Brings gates that were put or removed here to the store, and takes in what others did, on a thread of its own that runs
 * only while there is something to do. A store that is away is tried again; what acts here acts meanwhile.
 */
final class GateWriter implements GateSubscriber, AutoCloseable {
    private static final Duration AT_CLOSE = Duration.ofSeconds(1);

    private final GateStore store;
    private final GateRounds rounds;
    private final Worker worker;
    private volatile boolean closed;

    /**
     * A writer, to be started.
     *
     * @param process what this process is called
     * @param executor where what depends on what becomes of changes runs
     */
    GateWriter(GateStore store, GateTable table, TimeSource time, String process, Executor executor) {
        this.store = store;
        rounds = new GateRounds(store, table, time, process, executor, System::nanoTime);
        worker = new Worker("interlock-gates", new Worker.Turn() {
            @Override
            public long take() {
                return rounds.round(closed);
            }

            @Override
            public boolean isOwed() {
                return !closed && rounds.isOwed();
            }
        });
    }

    /**
     * Takes in what the store has, before the first call, and hears of others from then on.
     *
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void start() {
        rounds.begin(this);
        worker.wake();
    }

    /** From now on this says how those follow who hear of gates through this process. */
    void followedBy(Function<String, GateFollowers> followers) {
        rounds.followedBy(followers);
    }

    /** A gate was put or removed here. */
    void note(GateChange change) {
        rounds.note(change);
        worker.wake();
    }

    /** Which processes obey a change: once all do, or the limit has passed. */
    CompletionStage<GateConfirmation> confirmed(GateChange change, Duration limit) {
        CompletionStage<GateConfirmation> confirmed = rounds.confirmed(change, limit);
        worker.wake();
        return confirmed;
    }

    /** Completes with true once nothing that was put or removed here up to now is left to be written. */
    CompletionStage<Boolean> written() {
        CompletionStage<Boolean> written = rounds.written();
        worker.wake();
        return written;
    }

    @Override
    public void onChanged(GateRecord record) {
        rounds.onChanged(record);
        worker.wake();
    }

    @Override
    public void onGap() {
        rounds.onGap();
        worker.wake();
    }

    /** How the thread does. */
    WorkerFigures figures() {
        return worker.figures();
    }

    /** Writes what is left if the store takes it at once, and stops. */
    @Override
    public void close() {
        store.unsubscribe(this);
        closed = true;
        worker.wake();
        worker.close(AT_CLOSE);
        rounds.end();
    }
}
