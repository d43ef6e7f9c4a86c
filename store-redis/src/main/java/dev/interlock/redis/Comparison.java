package dev.interlock.redis;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.UnreadableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings Redis what it may have forgotten and only the database knows. Due at the start, after each loss, and every now and
 * then: another process may have paid what it owed after the last comparison, and have died. Losses are noted by any
 * thread, comparisons are made by one at a time.
 */
final class Comparison {
    private final CircuitStore redis;
    private final CircuitStore archive;
    private final long every;

    /** How often Redis may have forgotten what the database knows, and after how many of these that was compared. */
    private final AtomicInteger losses = new AtomicInteger(1);

    private volatile int compared;
    private volatile long comparedAt;

    /** @param every how long after a comparison there is another one, though nothing is known to be lost */
    Comparison(CircuitStore redis, CircuitStore archive, Duration every) {
        this.redis = redis;
        this.archive = archive;
        this.every = every.toNanos();
    }

    /** From now on the two may differ. */
    void lost() {
        losses.incrementAndGet();
    }

    /** How many nanoseconds are left until the two are to be compared; 0 for at once. */
    long untilDue(long now) {
        return compared != losses.get() ? 0 : Math.max(0, comparedAt + every - now);
    }

    /**
     * Compares them: what Redis has no record of, not even a closed one, it gets again.
     *
     * @param brought hears of each record that Redis has now in place of one that it did not have, and of what cannot be read
     */
    void make(CircuitReader brought, long now) {
        int seen = losses.get();
        for (CircuitRecord record : missing(brought)) {
            try {
                if (redis.find(record.organization(), record.name()) == null) {
                    CircuitRecord again =
                            record.again(); // trials and outcomes of the epoch that was forgotten are late
                    List<CircuitRecord> first = redis.write(List.of(CircuitChange.of(again)));
                    brought.read(first.isEmpty() ? again : first.get(0));
                }
            } catch (UnreadableRecordException unreadable) {
                brought.unreadable(unreadable); // there is something, whatever it is
            }
        }
        compared = seen;
        comparedAt = now;
    }

    /** What the database has and Redis' index does not name. */
    private List<CircuitRecord> missing(CircuitReader brought) {
        Set<Debts.Key> known = new HashSet<>();
        redis.readNotClosed(new CircuitReader() {
            @Override
            public void read(CircuitRecord record) {
                known.add(Debts.Key.of(record));
            }

            @Override
            public boolean wants(String organization, String name, long epoch) {
                known.add(new Debts.Key(organization, name));
                return false;
            }
        });
        List<CircuitRecord> missing = new ArrayList<>();
        archive.readNotClosed(new CircuitReader() {
            @Override
            public void read(CircuitRecord record) {
                if (!known.contains(Debts.Key.of(record))) {
                    missing.add(record);
                }
            }

            @Override
            public boolean wants(String organization, String name, long epoch) {
                return !known.contains(new Debts.Key(organization, name));
            }

            @Override
            public void unreadable(UnreadableRecordException unreadable) {
                brought.unreadable(unreadable);
            }
        });
        return missing;
    }
}
