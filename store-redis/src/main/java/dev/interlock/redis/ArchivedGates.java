package dev.interlock.redis;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.StoreUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gates in Redis, where processes hear of them, and in a database, which outlives Redis. A change is stored once both
 * have it; each takes it also while the other is away, and a process that hears of it from either obeys. Where they
 * differ, the higher version is kept.
 */
final class ArchivedGates implements GateStore {
    private final GateStore redis;
    private final GateStore archive;

    ArchivedGates(GateStore redis, GateStore archive) {
        this.redis = redis;
        this.archive = archive;
    }

    /** The gates of either; where they differ the higher version is kept, and both get it. */
    @Override
    public List<GateRecord> read(Instant now) {
        Map<String, GateRecord> agreed = byKey(ask(redis, each -> each.read(now)));
        Map<String, GateRecord> stored = byKey(ask(archive, each -> each.read(now)));
        if (agreed == null || stored == null) {
            return List.copyOf(either(agreed, stored).values());
        }
        List<GateRecord> all = new ArrayList<>();
        Set<String> keys = new LinkedHashSet<>(agreed.keySet());
        keys.addAll(stored.keySet());
        for (String key : keys) {
            GateRecord one = agreed.get(key);
            GateRecord other = stored.get(key);
            GateRecord record = one != null && other != null && isSame(one, other)
                    ? one
                    : agree(one != null ? one : Objects.requireNonNull(other));
            if (!record.isRemoved()) {
                all.add(record);
            }
        }
        return all;
    }

    private static boolean isSame(GateRecord one, GateRecord other) {
        return one.version() == other.version() && one.isSameChange(other);
    }

    /**
     * The higher version of a gate that differs between the two, or that only one has; both get it. A Redis that has
     * forgotten may have taken another change of the same version; then the one that wins goes above the other.
     */
    private GateRecord agree(GateRecord some) {
        GateRecord found = Objects.requireNonNullElse(find(some.organization(), some.id()), some);
        boolean isDisputed = Stream.of(redis, archive).anyMatch(each -> {
            GateRecord there = ask(each, store -> store.find(some.organization(), some.id()));
            return there != null && there.version() == found.version() && !there.isSameChange(found);
        });
        GateRecord newest = isDisputed ? found.withVersion(found.version() + 1) : found;
        for (GateStore each : List.of(redis, archive)) {
            ask(each, store -> store.write(List.of(newest)));
        }
        return newest;
    }

    @Override
    public @Nullable GateRecord find(String organization, String id) {
        Optional<GateRecord> agreed = ask(redis, each -> Optional.ofNullable(each.find(organization, id)));
        Optional<GateRecord> stored = ask(archive, each -> Optional.ofNullable(each.find(organization, id)));
        if (agreed == null || stored == null) {
            return either(agreed, stored).orElse(null);
        }
        return Stream.concat(agreed.stream(), stored.stream())
                .reduce(ArchivedGates::newer)
                .orElse(null);
    }

    /** What a store answers; null while it is away. */
    private static <T> @Nullable T ask(GateStore store, Function<GateStore, @Nullable T> question) {
        try {
            return question.apply(store);
        } catch (StoreUnavailableException away) {
            return null;
        }
    }

    private static <T> T either(@Nullable T one, @Nullable T other) {
        T answer = one != null ? one : other;
        if (answer == null) {
            throw new StoreUnavailableException("Neither Redis nor the database can be reached", null);
        }
        return answer;
    }

    private static @Nullable Map<String, GateRecord> byKey(@Nullable List<GateRecord> records) {
        if (records == null) {
            return null;
        }
        Map<String, GateRecord> all = new LinkedHashMap<>();
        records.forEach(record -> all.put(key(record), record));
        return all;
    }

    @Override
    public List<GateRecord> write(Collection<GateRecord> changes) {
        List<GateRecord> inTheWay;
        try {
            inTheWay = writeTo(redis, changes); // first: there the others hear of it at once
        } catch (StoreUnavailableException detached) {
            archive.write(changes); // so that it is not lost with this process
            throw detached;
        }
        Failpoint.GATE_AGREED.reach();
        Set<String> refused = new LinkedHashSet<>();
        inTheWay.forEach(record -> refused.add(key(record)));
        List<GateRecord> all = new ArrayList<>(inTheWay);
        all.addAll(writeTo(
                archive,
                changes.stream()
                        .filter(change -> !refused.contains(key(change)))
                        .toList()));
        return all;
    }

    /** The records in the way, except the change itself: it may have been written there while the other was away. */
    private static List<GateRecord> writeTo(GateStore store, Collection<GateRecord> changes) {
        return store.write(changes).stream()
                .filter(inTheWay -> changes.stream()
                        .noneMatch(change -> key(change).equals(key(inTheWay))
                                && change.version() == inTheWay.version()
                                && change.isSameChange(inTheWay)))
                .toList();
    }

    /** Where processes hear of each other. */
    @Override
    public @Nullable GateProcesses processes() {
        return redis.processes();
    }

    @Override
    public void subscribe(GateSubscriber subscriber) {
        redis.subscribe(subscriber);
        archive.subscribe(subscriber);
    }

    @Override
    public void unsubscribe(GateSubscriber subscriber) {
        redis.unsubscribe(subscriber);
        archive.unsubscribe(subscriber);
    }

    private static GateRecord newer(GateRecord one, GateRecord other) {
        boolean isFirst =
                one.version() > other.version() || one.version() == other.version() && !other.standsAgainst(one);
        return isFirst ? one : other;
    }

    private static String key(GateRecord record) {
        return record.organization() + "\n" + record.id();
    }
}
