package dev.interlock;

import dev.interlock.store.ProbeRecord;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Reporting;
import dev.interlock.threads.Worker;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Brings trust in probes to the store, and takes in what was stored before and what others have found, on a thread of its
 * own that runs only while there is something to do. A store that is away is tried again; nobody waits for it.
 */
final class TrustWriter implements AutoCloseable {
    private static final Duration KEPT = Duration.ofDays(30);
    private static final Duration FORGET_EVERY = Duration.ofDays(1);
    private static final long READ_EVERY = Duration.ofSeconds(10).toNanos();

    /** Records are read again for so long after they were written: clocks differ, and a transaction takes its time. */
    private static final Duration OVERLAP = Duration.ofMinutes(1);

    private static final int BATCH = 500;
    private static final Duration AT_CLOSE = Duration.ofSeconds(1);

    private final ProbeStore store;
    private final Trusts trusts;
    private final TimeSource time;
    private final Set<ProbedCircuit> unwritten = ConcurrentHashMap.newKeySet();
    private final Worker worker;
    private final Backoff backoff = new Backoff();

    /** Up to when the store has been read; null before the first time. */
    private @Nullable Instant read;

    private long readAt;
    private @Nullable Instant forgot;
    private final AtomicInteger writing = new AtomicInteger();
    private volatile boolean closed;

    TrustWriter(ProbeStore store, Trusts trusts, TimeSource time) {
        this.store = store;
        this.trusts = trusts;
        this.time = time;
        worker = new Worker("interlock-trust", new Worker.Turn() {
            @Override
            public long take() {
                return round();
            }

            @Override
            public boolean isOwed() {
                return !closed && !unwritten.isEmpty();
            }
        });
    }

    /** Takes in what the store has, before the first circuit; if it is away, as soon as it is back. */
    void start() {
        if (!well(this::readFirst)) {
            worker.wake();
        }
    }

    /** What is known of a circuit has changed, and is to be stored. */
    void note(ProbedCircuit changed) {
        unwritten.add(changed);
        worker.wake();
    }

    /** Whether all that was noted is stored. */
    boolean isWritten() {
        return unwritten.isEmpty() && writing.get() == 0;
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

    private long round() {
        long left = backoff.left(System.nanoTime());
        if (left > 0 && !closed) {
            return left;
        }
        boolean well = well(this::readAgain) & well(this::write) & well(this::forget);
        backoff.ended(well, System.nanoTime());
        if (!well) {
            return backoff.left(System.nanoTime());
        }
        return store.isShared() && trusts.isAny()
                ? Math.max(1, READ_EVERY - (System.nanoTime() - readAt))
                : Worker.Turn.UNTIL_WOKEN;
    }

    private static boolean well(Runnable task) {
        try {
            task.run();
            return true;
        } catch (StoreUnavailableException away) {
            return false;
        } catch (RuntimeException | Error failed) {
            Reporting.report(failed);
            return false;
        }
    }

    private void readFirst() {
        Instant now = time.wallTime();
        store.read(now.minus(KEPT), this::take);
        read = now;
        readAt = System.nanoTime();
        if (trusts.isAny()) {
            worker.wake(); // and reads again now and then
        }
    }

    private void readAgain() {
        Instant since = read;
        if (since == null) {
            readFirst();
        } else if (store.isShared() && System.nanoTime() - readAt >= READ_EVERY) {
            Instant now = time.wallTime();
            store.read(since.minus(OVERLAP), this::take);
            read = now;
            readAt = System.nanoTime();
        }
    }

    /** Once a day at most: there is no hurry. */
    private void forget() {
        Instant now = time.wallTime();
        Instant before = forgot;
        if (before == null || Duration.between(before, now).compareTo(FORGET_EVERY) >= 0) {
            store.forget(now.minus(KEPT));
            forgot = now;
        }
    }

    private void take(ProbeRecord record) {
        try {
            trusts.take(new CircuitId(record.organization(), record.name()), record);
        } catch (IllegalArgumentException badName) {
            Reporting.report(badName);
        }
    }

    private void write() {
        List<ProbedCircuit> batch = new ArrayList<>();
        for (ProbedCircuit each : unwritten) {
            batch.add(each);
            if (batch.size() == BATCH) {
                write(batch);
                batch.clear();
            }
        }
        write(batch);
    }

    private void write(List<ProbedCircuit> batch) {
        if (batch.isEmpty()) {
            return;
        }
        writing.incrementAndGet();
        batch.forEach(unwritten::remove); // before it is looked at: what comes later is noted by itself
        boolean done = false;
        try {
            store.write(batch.stream().map(trusts::record).toList());
            done = true;
        } finally {
            if (!done) {
                unwritten.addAll(batch);
            }
            writing.decrementAndGet();
        }
    }
}
