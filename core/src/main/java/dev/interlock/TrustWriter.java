package dev.interlock;

import dev.interlock.store.ProbeStore;
import dev.interlock.threads.Worker;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;

/**
 * Brings trust in probes to the store, and takes in what was stored before and what others have found, on a thread of its
 * own that runs only while there is something to do. A store that is away is tried again; nobody waits for it.
 */
final class TrustWriter implements AutoCloseable {
    private static final Duration AT_CLOSE = Duration.ofSeconds(1);

    private final ProbeStore store;
    private final Trusts trusts;
    private final TrustRounds rounds;
    private final Worker worker;
    private volatile boolean closed;

    TrustWriter(ProbeStore store, Trusts trusts, TimeSource time) {
        rounds = new TrustRounds(store, trusts, time, System::nanoTime);
        this.store = store;
        this.trusts = trusts;
        worker = new Worker("interlock-trust", new Worker.Turn() {
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

    /** Takes in what the store has, before the first circuit; if it is away, as soon as it is back. */
    void start() {
        if (rounds.begin()) {
            worker.wake();
        } else if (store.isShared()) {
            trusts.onFirst(worker::wake);
        }
    }

    /** What is known of a circuit has changed, and is to be stored. */
    void note(ProbedCircuit changed) {
        rounds.note(changed);
        worker.wake();
    }

    WorkerFigures figures() {
        return worker.figures();
    }

    /** Writes what is left if the store takes it at once, and stops. */
    @Override
    public void close() {
        closed = true;
        worker.wake();
        worker.close(AT_CLOSE);
    }
}
