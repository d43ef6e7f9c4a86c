package dev.interlock.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The gates of an {@link InMemoryCircuitStore}. */
final class InMemoryGates implements GateStore, GateProcesses {
    private record Key(String organization, String id) {}

    private record Obeyed(GateRecord change, GateFollowers followers) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, GateRecord> records = new LinkedHashMap<>();
    private final List<GateSubscriber> subscribers = new CopyOnWriteArrayList<>();

    /** Of each process that lives the last change of each gate that it obeys. */
    private final Map<String, Map<Key, Obeyed>> obeyed = new ConcurrentHashMap<>();

    @Override
    public List<GateRecord> read(Instant now) {
        lock.lock();
        try {
            return records.values().stream()
                    .filter(record -> !record.isRemoved()
                            && (record.until() == null || record.until().isAfter(now)))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable GateRecord find(String organization, String id) {
        lock.lock();
        try {
            return records.get(new Key(organization, id));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<GateRecord> write(Collection<GateRecord> changes) {
        List<GateRecord> inTheWay = new ArrayList<>();
        List<GateRecord> written = new ArrayList<>();
        lock.lock();
        try {
            for (GateRecord change : changes) {
                Key key = new Key(change.organization(), change.id());
                GateRecord stored = records.get(key);
                if (stored == null || stored.version() < change.version()) {
                    records.put(key, change);
                    written.add(change);
                } else {
                    inTheWay.add(stored);
                }
            }
        } finally {
            lock.unlock();
        }
        subscribers.forEach(subscriber -> written.forEach(subscriber::onChanged));
        return inTheWay;
    }

    @Override
    public GateProcesses processes() {
        return this;
    }

    @Override
    public void report(String process, Map<GateRecord, GateFollowers> changes) {
        Map<Key, Obeyed> of = obeyed.computeIfAbsent(process, made -> new ConcurrentHashMap<>());
        changes.forEach((change, followers) ->
                of.put(new Key(change.organization(), change.id()), new Obeyed(change, followers)));
    }

    @Override
    public Duration every() {
        return Duration.ZERO;
    }

    @Override
    public void leave(String process) {
        obeyed.remove(process);
    }

    @Override
    public Map<String, Optional<GateFollowers>> obeying(GateRecord change) {
        Key key = new Key(change.organization(), change.id());
        Map<String, Optional<GateFollowers>> all = new LinkedHashMap<>();
        obeyed.forEach((process, changes) -> all.put(
                process,
                Optional.ofNullable(changes.get(key))
                        .filter(last -> last.change().isSameChange(change))
                        .map(Obeyed::followers)));
        return all;
    }

    @Override
    public void subscribe(GateSubscriber subscriber) {
        subscribers.add(subscriber);
    }

    @Override
    public void unsubscribe(GateSubscriber subscriber) {
        subscribers.remove(subscriber);
    }
}
