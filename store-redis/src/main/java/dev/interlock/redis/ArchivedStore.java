package dev.interlock.redis;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Redis, where processes agree, and a database behind it, which outlives Redis.
 *
 * <p>A change is written to Redis first and, once it stands there, to the database, where nothing stands in its way but a
 * newer one. While this process is detached only orders go to the database, so that they are not lost with the process;
 * what circuits do by themselves gives way on return, and would be wrong there.
 */
final class ArchivedStore implements CircuitStore, RedisLink.Watcher {
    private record Key(String organization, String name) {
        static Key of(CircuitRecord record) {
            return new Key(record.organization(), record.name());
        }
    }

    private static final int TRIES = 5;

    private final RedisCircuitStore redis;
    private final CircuitStore archive;

    /** Lines that Redis' changes brought and the database has not taken yet. */
    private final Map<Key, List<TransitionRecord>> owed = new ConcurrentHashMap<>();

    /** Lines of orders that the database has, while Redis has not taken their changes. */
    private final Map<Key, Set<TransitionRecord>> ahead = new ConcurrentHashMap<>();

    /** Whether Redis may have forgotten what the database knows. */
    private volatile boolean toCompare = true;

    private volatile boolean begun;

    ArchivedStore(RedisCircuitStore redis, CircuitStore archive) {
        this.redis = redis;
        this.archive = archive;
    }

    @Override
    public void onAttached() {
        toCompare = true;
    }

    @Override
    public void onForgotten() {
        toCompare = true;
    }

    /** Above both, where both can be asked. */
    @Override
    public long nextGeneration() {
        long generation = archive.nextGeneration();
        try {
            return redis.raiseGeneration(generation);
        } catch (StoreUnavailableException detached) {
            return generation;
        }
    }

    /** A process that begins while Redis is away begins with what the database has. */
    @Override
    public void readNotClosed(Consumer<CircuitRecord> reader) {
        if (!redis.isAttached() && !begun) {
            archive.readNotClosed(reader);
            begun = true;
            return;
        }
        boolean compare = toCompare;
        toCompare = false;
        try {
            Set<Key> known = new HashSet<>();
            redis.readNotClosed(record -> {
                known.add(Key.of(record));
                reader.accept(record);
            });
            if (compare) {
                readForgotten(known, reader);
            }
            begun = true;
        } catch (RuntimeException failed) {
            toCompare |= compare;
            throw failed;
        }
    }

    /** What Redis has no record of, not even a closed one, it is told again. */
    private void readForgotten(Set<Key> known, Consumer<CircuitRecord> reader) {
        List<CircuitRecord> missing = new ArrayList<>();
        archive.readNotClosed(record -> {
            if (!known.contains(Key.of(record))) {
                missing.add(record);
            }
        });
        for (CircuitRecord record : missing) {
            if (redis.find(record.organization(), record.name()) == null) {
                CircuitRecord again = nextStay(record);
                List<CircuitRecord> first = redis.write(List.of(CircuitChange.of(again)));
                reader.accept(first.isEmpty() ? again : first.get(0));
            }
        }
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        return redis.find(organization, name);
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        if (!redis.isAttached()) {
            archiveOrders(changes);
        }
        List<CircuitRecord> standing = redis.write(changes);
        Set<Key> refused = new HashSet<>();
        standing.forEach(record -> refused.add(Key.of(record)));
        List<CircuitChange> agreed = new ArrayList<>();
        for (CircuitChange change : changes) {
            Key key = Key.of(change.record());
            if (!refused.contains(key)) {
                agreed.add(new CircuitChange(change.record(), change.basis(), notYet(key, change.transitions())));
            }
        }
        archive(agreed);
        return standing;
    }

    @Override
    public boolean isBehind(String organization, String name) {
        return owed.containsKey(new Key(organization, name));
    }

    @Override
    public void subscribe(CircuitSubscriber subscriber) {
        redis.subscribe(subscriber);
    }

    @Override
    public void unsubscribe(CircuitSubscriber subscriber) {
        redis.unsubscribe(subscriber);
    }

    @Override
    public CircuitCoordination coordination() {
        return redis.coordination();
    }

    /** Closes Redis; the database is the caller's. */
    @Override
    public void close() {
        redis.close();
    }

    private void archiveOrders(Collection<CircuitChange> changes) {
        List<CircuitChange> orders = new ArrayList<>();
        for (CircuitChange change : changes) {
            Key key = Key.of(change.record());
            List<TransitionRecord> lines = notYet(key, change.transitions()).stream()
                    .filter(TransitionRecord::isOverride)
                    .toList();
            if (!lines.isEmpty()) {
                orders.add(new CircuitChange(change.record(), change.basis(), lines));
            }
        }
        if (!orders.isEmpty()) {
            force(orders);
            orders.forEach(change -> ahead.computeIfAbsent(Key.of(change.record()), key -> new HashSet<>())
                    .addAll(change.transitions()));
        }
    }

    /** Lines that the database does not have, those before included. */
    private List<TransitionRecord> notYet(Key key, List<TransitionRecord> lines) {
        Set<TransitionRecord> there = ahead.getOrDefault(key, Set.of());
        List<TransitionRecord> all = new ArrayList<>(owed.getOrDefault(key, List.of()));
        lines.stream()
                .filter(line -> !there.contains(line) && !all.contains(line))
                .forEach(all::add);
        return all;
    }

    private void archive(List<CircuitChange> agreed) {
        agreed.forEach(change -> {
            owed.put(Key.of(change.record()), change.transitions());
            ahead.remove(Key.of(change.record()));
        });
        try {
            force(agreed);
            agreed.forEach(change -> owed.remove(Key.of(change.record())));
        } catch (StoreUnavailableException away) {
            // Told by isBehind: what is agreed stands, and is brought here with the next try.
        }
    }

    /** Writes over whatever is there, unless that is newer: then only the lines are added. */
    private void force(List<CircuitChange> changes) {
        List<CircuitChange> left = changes;
        for (int i = 0; i < TRIES && !left.isEmpty(); i++) {
            Map<Key, CircuitRecord> inTheWay = new ConcurrentHashMap<>();
            archive.write(left).forEach(record -> inTheWay.put(Key.of(record), record));
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

    /** So that trials and outcomes of the epoch that was forgotten are late. */
    private static CircuitRecord nextStay(CircuitRecord record) {
        return new CircuitRecord(
                record.organization(),
                record.name(),
                record.state().equals("closed") ? "closed" : "open",
                record.epoch() + 1,
                record.failureCount(),
                record.successCount(),
                record.consecutiveFailures(),
                record.openings(),
                record.failedTrials(),
                record.lastFailureAt(),
                record.changedAt(),
                record.openedAt(),
                record.cooldownUntil(),
                record.held(),
                record.holdUntil(),
                record.actor(),
                record.reason(),
                record.policy(),
                record.writer());
    }
}
