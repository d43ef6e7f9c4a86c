package dev.interlock;

import dev.interlock.store.ProbeRecord;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Reporting;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@link TrustWriter} does in each round: reads what others have found, writes what was noted, forgets what is old.
 * Rounds are made by one thread at a time; anybody may note.
 */
final class TrustRounds {
    private static final Duration KEPT = Duration.ofDays(30);
    private static final Duration FORGET_EVERY = Duration.ofDays(1);
    private static final long READ_EVERY = Duration.ofSeconds(10).toNanos();

    /** How long records are read again after they were written: clocks differ, and a transaction takes time. */
    private static final Duration OVERLAP = Duration.ofMinutes(1);

    private static final int BATCH = 500;

    private final ProbeStore store;
    private final Trusts trusts;
    private final TimeSource time;
    private final LongSupplier nanos;
    private final Set<ProbedCircuit> unwritten = ConcurrentHashMap.newKeySet();
    private final Backoff backoff = new Backoff();

    /** Up to when the store has been read; null before the first time. */
    private @Nullable Instant read;

    private long readAt;
    private @Nullable Instant forgot;

    /** @param nanos the clock by which the store is tried again, and read again */
    TrustRounds(ProbeStore store, Trusts trusts, TimeSource time, LongSupplier nanos) {
        this.store = store;
        this.trusts = trusts;
        this.time = time;
        this.nanos = nanos;
    }

    /** Takes in what the store has; returns whether there is a round to be made. */
    boolean begin() {
        return !well(this::readFirst) || trusts.isAny(); // then it reads again now and then
    }

    void note(ProbedCircuit changed) {
        unwritten.add(changed);
    }

    /** Whether something that was noted is not stored. */
    boolean isOwed() {
        return !unwritten.isEmpty();
    }

    /**
     * Makes a round, unless the store has just failed.
     *
     * @param last whether none comes after it, so that it is tried all the same
     * @return after how many nanoseconds the next one is due, or {@link Worker.Turn#UNTIL_WOKEN}
     */
    long round(boolean last) {
        long left = backoff.left(nanos.getAsLong());
        if (left > 0 && !last) {
            return left;
        }
        boolean well = well(this::readAgain);
        well &= well(this::write);
        well &= well(this::forget);
        backoff.ended(well, nanos.getAsLong());
        if (!well) {
            return backoff.left(nanos.getAsLong());
        }
        return store.isShared() && trusts.isAny()
                ? Math.max(1, READ_EVERY - (nanos.getAsLong() - readAt))
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
        read(now.minus(KEPT), now);
    }

    private void readAgain() {
        Instant since = read;
        if (since == null) {
            readFirst();
        } else if (store.isShared() && nanos.getAsLong() - readAt >= READ_EVERY) {
            read(since.minus(OVERLAP), time.wallTime());
        }
    }

    private void read(Instant since, Instant now) {
        store.read(since, this::take);
        read = now;
        readAt = nanos.getAsLong();
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
        batch.forEach(unwritten::remove); // before it is looked at: what comes later is noted by itself
        boolean done = false;
        try {
            store.write(batch.stream().map(trusts::record).toList());
            done = true;
        } finally {
            if (!done) {
                unwritten.addAll(batch);
            }
        }
    }
}
