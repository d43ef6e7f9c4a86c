package dev.interlock.redis;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.Durability;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the database behind Redis is owed: of each circuit the newest record, all lines of overrides and the newest other
 * line, which counts those that it has overtaken. So there are never more debts than circuits, however long the database
 * is away. Owed by any thread, paid by one.
 */
final class Debts implements Durability {
    /** A circuit. */
    record Key(String organization, String name) {
        static Key of(CircuitRecord record) {
            return new Key(record.organization(), record.name());
        }
    }

    /**
     * What is owed of one circuit.
     *
     * @param basis the epoch that the database probably has
     */
    private record Debt(
            CircuitRecord record, long basis, List<TransitionRecord> lines, List<CompletableFuture<Void>> waiting) {
        /** This and what was owed later. */
        Debt and(Debt later) {
            CircuitRecord newer = later.record.epoch() >= record.epoch() ? later.record : record;
            return new Debt(newer, basis, coalesce(join(lines, later.lines)), join(waiting, later.waiting));
        }

        private static List<TransitionRecord> coalesce(List<TransitionRecord> lines) {
            List<TransitionRecord> kept = new ArrayList<>();
            TransitionRecord automatic = null;
            for (TransitionRecord line : lines) {
                if (line.isOverride()) {
                    kept.add(line);
                } else if (automatic == null) {
                    automatic = line;
                } else {
                    boolean newer = line.epoch() >= automatic.epoch();
                    int skipped = 1 + (newer ? automatic : line).skipped();
                    automatic = (newer ? line : automatic).skipping(skipped);
                }
            }
            if (automatic != null) {
                kept.add(automatic);
            }
            kept.sort(Comparator.comparingLong(TransitionRecord::epoch)); // stable: repeated overrides stay in order
            return kept;
        }

        private static <T> List<T> join(List<T> one, List<T> other) {
            List<T> both = new ArrayList<>(one);
            both.addAll(other);
            return both;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Debts.class);
    private static final int BATCH = 500;
    private static final int TRIES = 5;

    private final CircuitStore database;
    private final Runnable wake;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Debt> owed = new LinkedHashMap<>();

    /** What is being paid at this moment. */
    private final Map<Key, Debt> underWay = new LinkedHashMap<>();

    /** Debts that the database refuses, and when each is tried again; only for the thread that pays. */
    private final Map<Key, Retry> refused = new HashMap<>();

    private volatile boolean away;

    /** @param wake called when there is something to pay */
    Debts(CircuitStore database, Runnable wake) {
        this.database = database;
        this.wake = wake;
    }

    /** Takes in what the database is to have. */
    void owe(Collection<CircuitChange> changes) {
        lock.lock();
        try {
            for (CircuitChange change : changes) {
                owed.merge(
                        Key.of(change.record()),
                        new Debt(change.record(), change.basis(), change.transitions(), List.of()),
                        Debt::and);
            }
        } finally {
            lock.unlock();
        }
        wake.run();
    }

    @Override
    public CompletionStage<Void> of(String organization, String name) {
        lock.lock();
        try {
            return await(new Key(organization, name));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletionStage<Void> ofAll() {
        lock.lock();
        try {
            List<Key> keys = new ArrayList<>(owed.keySet());
            keys.addAll(underWay.keySet());
            return CompletableFuture.allOf(
                    keys.stream().distinct().map(this::await).toArray(CompletableFuture[]::new));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int backlog() {
        lock.lock();
        try {
            int both =
                    (int) underWay.keySet().stream().filter(owed::containsKey).count();
            return owed.size() + underWay.size() - both;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isAway() {
        return away;
    }

    /** How long until one of the debts may be paid, as far as that depends on them; {@link Long#MAX_VALUE} for none. */
    long untilDue(long now) {
        lock.lock();
        try {
            if (owed.isEmpty()) {
                return Long.MAX_VALUE;
            }
            return owed.keySet().stream().anyMatch(key -> !refused.containsKey(key))
                    ? 0
                    : refused.values().stream()
                            .mapToLong(each -> each.left(now))
                            .min()
                            .orElse(0);
        } finally {
            lock.unlock();
        }
    }

    /** Pays what is due; false if the database is away. */
    boolean pay() {
        long now = System.nanoTime();
        List<Key> due;
        lock.lock();
        try {
            refused.keySet().retainAll(owed.keySet());
            due = new ArrayList<>(owed.keySet());
        } finally {
            lock.unlock();
        }
        List<Key> batch = new ArrayList<>();
        boolean there = true;
        for (Key key : due) {
            Retry retry = refused.get(key);
            if (retry == null) {
                batch.add(key);
            } else if (retry.left(now) == 0) {
                there = there && pay(List.of(key));
            }
            if (batch.size() == BATCH) {
                there = there && pay(batch);
                batch = new ArrayList<>();
            }
        }
        there = there && (batch.isEmpty() || pay(batch));
        away = !there || !refused.isEmpty();
        return there;
    }

    private boolean pay(List<Key> keys) {
        Map<Key, Debt> taken = take(keys);
        try {
            force(taken.values().stream()
                    .map(debt -> new CircuitChange(debt.record, debt.basis, debt.lines))
                    .toList());
            Failpoint.DEBT_PAID.reach();
            taken.keySet().forEach(refused::remove);
            away = !refused.isEmpty(); // before those who wait hear of it
            settle(taken, null);
            return true;
        } catch (StoreUnavailableException unreachable) {
            putBack(taken);
            return false;
        } catch (UnreadableRecordException | IllegalArgumentException | IllegalStateException refusal) {
            return refuse(taken, refusal);
        } catch (RuntimeException | Error failed) {
            putBack(taken);
            throw failed;
        }
    }

    /** The database refuses something: the others must not wait for it. */
    private boolean refuse(Map<Key, Debt> taken, RuntimeException refusal) {
        if (taken.size() == 1 && refusal instanceof UnreadableRecordException) {
            settle(taken, refusal); // what is there stays
            LOG.warn("The database does not get a circuit: {}", refusal.getMessage());
            return true;
        }
        putBack(taken);
        boolean there = true;
        for (Key key : taken.keySet()) {
            if (taken.size() > 1) {
                there = there && pay(List.of(key));
            } else {
                if (!refused.containsKey(key)) {
                    LOG.warn("The database refuses circuit '{}/{}'", key.organization(), key.name(), refusal);
                }
                refused.computeIfAbsent(key, made -> new Retry()).ended(false, System.nanoTime());
            }
        }
        return there;
    }

    private Map<Key, Debt> take(List<Key> keys) {
        lock.lock();
        try {
            for (Key key : keys) {
                Debt debt = owed.remove(key);
                if (debt != null) {
                    underWay.put(key, debt);
                }
            }
            return new LinkedHashMap<>(underWay);
        } finally {
            lock.unlock();
        }
    }

    private void putBack(Map<Key, Debt> taken) {
        lock.lock();
        try {
            taken.keySet().forEach(key -> {
                Debt earlier = underWay.remove(key); // who waits may have been added meanwhile
                if (earlier != null) {
                    owed.merge(key, earlier, (later, before) -> before.and(later));
                }
            });
        } finally {
            lock.unlock();
        }
    }

    private void settle(Map<Key, Debt> taken, @Nullable RuntimeException failure) {
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        lock.lock();
        try {
            for (Key key : taken.keySet()) {
                Debt paid = underWay.remove(key);
                if (paid != null) {
                    waiting.addAll(paid.waiting);
                }
            }
        } finally {
            lock.unlock();
        }
        for (CompletableFuture<Void> each : waiting) {
            if (failure == null) {
                each.complete(null);
            } else {
                each.completeExceptionally(failure);
            }
        }
    }

    /** Waits with the newest debt: an older one that is under way is paid first. Only with the lock. */
    private CompletableFuture<Void> await(Key key) {
        Map<Key, Debt> where = owed.containsKey(key) ? owed : underWay;
        Debt debt = where.get(key);
        if (debt == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        where.put(key, new Debt(debt.record, debt.basis, debt.lines, Debt.join(debt.waiting, List.of(waiting))));
        return waiting;
    }

    /** Writes over whatever is there, unless that is newer: then only the lines are added. */
    private void force(List<CircuitChange> changes) {
        List<CircuitChange> left = changes;
        for (int i = 0; i < TRIES && !left.isEmpty(); i++) {
            Map<Key, CircuitRecord> inTheWay = new HashMap<>();
            database.write(left).forEach(record -> inTheWay.put(Key.of(record), record));
            List<CircuitChange> again = new ArrayList<>();
            for (CircuitChange change : left) {
                CircuitRecord record = change.record();
                CircuitRecord there = inTheWay.get(Key.of(record));
                if (there != null) {
                    CircuitRecord newer = there.epoch() > record.epoch() ? there : record;
                    again.add(new CircuitChange(newer, there.epoch(), change.transitions()));
                }
            }
            left = again;
        }
        if (!left.isEmpty()) {
            throw new StoreUnavailableException("Other processes write the same circuits to the database", null);
        }
    }
}
