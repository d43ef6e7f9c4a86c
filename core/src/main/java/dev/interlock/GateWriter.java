package dev.interlock;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Reporting;
import dev.interlock.threads.Worker;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings gates that were put or removed here to the store, and takes in what others did, on a thread of its own that runs
 * only while there is something to do. A store that is away is tried again; what acts here acts meanwhile.
 */
final class GateWriter implements GateSubscriber, AutoCloseable {
    private static final int TRIES = 5;
    private static final Duration AT_CLOSE = Duration.ofSeconds(1);

    private final GateStore store;
    private final GateTable table;
    private final TimeSource time;
    private final Executor executor;
    private final Worker worker;
    private final Backoff backoff = new Backoff();

    /** Gates whose newest change the store does not have. */
    private final Set<GateTable.Key> unwritten = ConcurrentHashMap.newKeySet();

    private final Queue<GateRecord> news = new ConcurrentLinkedQueue<>();
    private final Queue<CompletableFuture<Boolean>> waiting = new ConcurrentLinkedQueue<>();

    /** How often changes may have been missed, and how many of these were made good. */
    private final AtomicInteger gaps = new AtomicInteger();

    private volatile int closedGaps;
    private volatile boolean closed;

    /** @param executor where what depends on {@link #stored} runs */
    GateWriter(GateStore store, GateTable table, TimeSource time, Executor executor) {
        this.store = store;
        this.table = table;
        this.time = time;
        this.executor = executor;
        worker = new Worker("interlock-gates", new Worker.Turn() {
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

    /**
     * Takes in what the store has, before the first call, and hears of others from then on.
     *
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void start() {
        store.subscribe(this);
        store.read(time.wallTime()).forEach(table::take);
    }

    /** A gate was put or removed here. */
    void note(GateRecord changed) {
        unwritten.add(GateTable.Key.of(changed));
        worker.wake();
    }

    /** Completes with true once everything that was put or removed here up to now is stored. */
    CompletionStage<Boolean> stored() {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        waiting.add(stored);
        worker.wake();
        return stored;
    }

    @Override
    public void onChanged(GateRecord record) {
        news.add(record);
        worker.wake();
    }

    @Override
    public void onGap() {
        gaps.incrementAndGet();
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
        hear(waiting, false);
    }

    private long round() {
        for (GateRecord record = news.poll(); record != null; record = news.poll()) {
            table.take(record);
        }
        long left = backoff.left(System.nanoTime());
        if (left > 0 && !closed) {
            return left;
        }
        List<CompletableFuture<Boolean>> hearing = List.copyOf(waiting);
        boolean well = well(this::readAgain) & well(this::write);
        backoff.ended(well, System.nanoTime());
        if (well && unwritten.isEmpty()) { // else something newer has come, which a later round writes
            waiting.removeAll(hearing);
            hear(hearing, true);
        }
        return well ? Worker.Turn.UNTIL_WOKEN : backoff.left(System.nanoTime());
    }

    private static boolean well(Supplier<Boolean> task) {
        try {
            return task.get();
        } catch (StoreUnavailableException away) {
            return false;
        } catch (RuntimeException | Error failed) {
            Reporting.report(failed);
            return false;
        }
    }

    /** What stands here and is not there was removed, or the store has forgotten it: then it is written again. */
    private boolean readAgain() {
        int seen = gaps.get();
        if (seen == closedGaps) {
            return true;
        }
        Set<GateTable.Key> there = new HashSet<>();
        for (GateRecord record : store.read(time.wallTime())) {
            GateTable.Key key = GateTable.Key.of(record);
            there.add(key);
            GateRecord here = table.take(record) ? null : table.find(key);
            if (here != null && !here.isSameChange(record)) {
                unwritten.add(key); // what is known here goes above it
            }
        }
        for (GateRecord ours : table.standing()) {
            GateTable.Key key = GateTable.Key.of(ours);
            if (!there.contains(key) && !unwritten.contains(key)) {
                GateRecord theirs = store.find(key.organization(), key.id());
                if (theirs == null || !table.take(theirs) && !theirs.isSameChange(ours)) {
                    unwritten.add(key); // forgotten there, or something older has come back
                }
            }
        }
        closedGaps = seen;
        return true;
    }

    private boolean write() {
        List<GateTable.Key> keys = List.copyOf(unwritten);
        List<GateRecord> left = new ArrayList<>();
        for (GateTable.Key key : keys) {
            unwritten.remove(key); // before its record is looked at: what comes later is noted by itself
            GateRecord record = table.find(key);
            if (record != null) {
                left.add(record);
            }
        }
        boolean done = false;
        try {
            for (int i = 0; i < TRIES && !left.isEmpty(); i++) {
                left = writeOnce(left);
            }
            done = left.isEmpty();
            return done;
        } finally {
            if (!done) {
                unwritten.addAll(keys);
            }
        }
    }

    /** Returns what must be written again, above what stood in its way. */
    private List<GateRecord> writeOnce(List<GateRecord> records) {
        List<GateRecord> again = new ArrayList<>();
        List<GateRecord> ready = new ArrayList<>();
        for (GateRecord record : records) {
            GateRecord placed = record.version() == GateRecord.UNSTORED ? placed(record) : record;
            if (placed != null) {
                ready.add(placed);
            }
        }
        if (!ready.isEmpty()) {
            List<GateRecord> inTheWay = store.write(ready);
            Failpoint.GATES_WRITTEN.reach();
            for (GateRecord standing : inTheWay) {
                for (GateRecord ours : ready) {
                    if (GateTable.Key.of(ours).equals(GateTable.Key.of(standing))) {
                        GateRecord above = table.resolve(ours, standing);
                        if (above != null) {
                            again.add(above);
                        }
                    }
                }
            }
        }
        return again;
    }

    /** A gate of an id that was not known here, above whatever is stored under it; null if it is there already. */
    private @Nullable GateRecord placed(GateRecord unstored) {
        GateRecord there = store.find(unstored.organization(), unstored.id());
        GateRecord placed = there == null ? unstored.withVersion(1) : table.resolve(unstored, there);
        if (placed != null) {
            table.take(placed);
        }
        return placed;
    }

    private void hear(Iterable<CompletableFuture<Boolean>> all, boolean stored) {
        for (CompletableFuture<Boolean> each : all) {
            try {
                each.completeAsync(() -> stored, executor);
            } catch (RejectedExecutionException full) {
                each.completeAsync(() -> stored);
            }
        }
    }
}
