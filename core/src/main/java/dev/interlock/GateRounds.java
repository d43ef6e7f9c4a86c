package dev.interlock;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Reporting;
import dev.interlock.threads.Worker;
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
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@link GateWriter} does in each round: takes in what others did, reads what may have been missed, writes what was put
 * or removed here, and answers those who wait for that. Rounds are made by one thread at a time; all else may be called by
 * any.
 */
@SuppressWarnings("CollectionUndefinedEquality") // a future is equal to itself alone, as is meant
final class GateRounds {
    private static final int TRIES = 5;

    private final GateStore store;
    private final GateTable table;
    private final TimeSource time;
    private final String process;
    private final Executor executor;
    private final LongSupplier nanos;
    private final @Nullable GateObedience obedience;
    private final Backoff backoff = new Backoff();

    /** Gates whose newest change the store does not have. */
    private final Set<GateTable.Key> unwritten = ConcurrentHashMap.newKeySet();

    private final Queue<GateRecord> news = new ConcurrentLinkedQueue<>();

    /** Changes of this process that have not been answered; each is among the unwritten ones before it is here. */
    private final Queue<GateChange> pending = new ConcurrentLinkedQueue<>();

    private final Queue<CompletableFuture<Boolean>> waiting = new ConcurrentLinkedQueue<>();

    /** How often changes may have been missed, and how many of these were made good. */
    private final AtomicInteger gaps = new AtomicInteger();

    private int closedGaps;
    private volatile boolean ended;

    /**
     * @param process what this process is called
     * @param executor where what depends on what becomes of changes runs
     * @param nanos the clock by which the store is tried again
     */
    GateRounds(
            GateStore store, GateTable table, TimeSource time, String process, Executor executor, LongSupplier nanos) {
        this.store = store;
        this.table = table;
        this.time = time;
        this.process = process;
        this.executor = executor;
        this.nanos = nanos;
        GateProcesses processes = store.processes();
        this.obedience = processes == null ? null : new GateObedience(processes, process, nanos);
    }

    /**
     * Takes in what the store has, before the first round.
     *
     * @param subscriber hears of others from then on
     * @throws StoreUnavailableException if the store cannot be reached
     */
    void begin(GateSubscriber subscriber) {
        if (obedience != null) {
            obedience.begin();
        }
        store.subscribe(subscriber);
        store.read(time.wallTime()).forEach(this::take);
    }

    /** From now on this says how those follow who hear of gates through this process. */
    void followedBy(Function<String, GateFollowers> followers) {
        if (obedience != null) {
            obedience.followedBy(followers);
        }
    }

    /** A gate was put or removed here. */
    void note(GateChange change) {
        unwritten.add(GateTable.Key.of(change.record()));
        pending.add(change);
        if (obedience != null) {
            obedience.obeys(change.record());
        }
        answerIfEnded();
    }

    /** Which processes obey a change: once all do, or the limit has passed. */
    CompletionStage<GateConfirmation> confirmed(GateChange change, Duration limit) {
        if (obedience == null) {
            return CompletableFuture.completedFuture(GateObedience.alone(process));
        }
        CompletableFuture<GateConfirmation> asked = obedience.ask(change.record(), limit);
        if (ended) {
            hear(asked, GateObedience.alone(process));
        }
        return asked;
    }

    /** Completes with true once nothing that was put or removed here up to now is left to be written. */
    CompletionStage<Boolean> written() {
        CompletableFuture<Boolean> written = new CompletableFuture<>();
        waiting.add(written);
        answerIfEnded();
        return written;
    }

    /** Somebody else has put or removed a gate. */
    void onChanged(GateRecord record) {
        news.add(record);
    }

    /** What others did may have been missed. */
    void onGap() {
        gaps.incrementAndGet();
    }

    /** Whether something that was put or removed here is not stored. */
    boolean isOwed() {
        return !unwritten.isEmpty();
    }

    /** No round comes any more: who still waits is answered, also those who ask from now on. */
    void end() {
        ended = true;
        if (obedience != null) {
            obedience.end(this::hear);
        }
        answerIfEnded();
    }

    private void answerIfEnded() {
        if (!ended) {
            return;
        }
        for (CompletableFuture<Boolean> each = waiting.poll(); each != null; each = waiting.poll()) {
            hear(each, false);
        }
        for (GateChange each = pending.poll(); each != null; each = pending.poll()) {
            hear(each.end(), GateChange.Fate.UNKEPT);
        }
    }

    /**
     * Makes a round; a store that has just failed is left alone.
     *
     * @param last whether none comes after it, so that the store is tried all the same, and nobody is asked who obeys
     * @return after how many nanoseconds the next one is due, or {@link Worker.Turn#UNTIL_WOKEN}
     */
    long round(boolean last) {
        for (GateRecord record = news.poll(); record != null; record = news.poll()) {
            take(record);
        }
        long next = bring(last);
        return obedience == null || last ? next : obedience.round(this::hear, next);
    }

    /** Takes in what is stored; false if the record that is known here is kept. */
    private boolean take(GateRecord theirs) {
        boolean taken = table.take(theirs);
        if (obedience != null) {
            GateRecord known = table.find(GateTable.Key.of(theirs));
            if (known != null && known.isSameChange(theirs)) {
                obedience.obeys(theirs);
            }
        }
        return taken;
    }

    /** Reads and writes what there is to read and to write. */
    private long bring(boolean last) {
        long left = backoff.left(nanos.getAsLong());
        if (left > 0 && !last) {
            return left;
        }
        List<CompletableFuture<Boolean>> hearing = List.copyOf(waiting);
        List<GateChange> answered = List.copyOf(pending);
        boolean read = well(this::readAgain);
        boolean well = well(this::write) && read;
        backoff.ended(well, nanos.getAsLong());
        if (well) {
            pending.removeAll(answered);
            answered.forEach(change -> hear(change.end(), fate(change)));
        }
        if (well && unwritten.isEmpty()) { // else something newer has come, which a later round writes
            waiting.removeAll(hearing);
            hearing.forEach(each -> hear(each, true));
        }
        return well ? Worker.Turn.UNTIL_WOKEN : backoff.left(nanos.getAsLong());
    }

    /** What became of a change, now that everything that was known when it was looked for is written or gave way. */
    private GateChange.Fate fate(GateChange change) {
        GateRecord known = table.find(GateTable.Key.of(change.record()));
        if (known == null) {
            return GateChange.Fate.UNKEPT; // it was over so long ago that it is forgotten here
        }
        return change.isOf(known) ? GateChange.Fate.STORED : GateChange.Fate.REPLACED;
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

    /**
     * A gate that is in effect here and not stored was removed, or the store has forgotten it: then it is written
     * again.
     */
    private boolean readAgain() {
        int seen = gaps.get();
        if (seen == closedGaps) {
            return true;
        }
        Set<GateTable.Key> there = new HashSet<>();
        for (GateRecord record : store.read(time.wallTime())) {
            GateTable.Key key = GateTable.Key.of(record);
            there.add(key);
            GateRecord here = take(record) ? null : table.find(key);
            if (here != null && !here.isSameChange(record)) {
                unwritten.add(key); // what is known here goes above it
            }
        }
        for (GateRecord ours : table.inEffect()) {
            GateTable.Key key = GateTable.Key.of(ours);
            if (!there.contains(key) && !unwritten.contains(key)) {
                GateRecord theirs = store.find(key.organization(), key.id());
                if (theirs == null || (!take(theirs) && !theirs.isSameChange(ours))) {
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

    /** Returns what must be written again, above the records that were in the way. */
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
            for (GateRecord stored : inTheWay) {
                for (GateRecord ours : ready) {
                    if (GateTable.Key.of(ours).equals(GateTable.Key.of(stored))) {
                        GateRecord above = table.resolve(ours, stored);
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

    private <T> void hear(CompletableFuture<T> asking, T answer) {
        try {
            asking.completeAsync(() -> answer, executor);
        } catch (RejectedExecutionException full) {
            asking.completeAsync(() -> answer);
        }
    }
}
