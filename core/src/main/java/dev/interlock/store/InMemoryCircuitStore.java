package dev.interlock.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A store that lasts as long as the process: for tests, and for managers that come and go within one process. It keeps
 * no audit trail. Safe for use by any thread; subscribers hear on the thread that writes.
 */
public final class InMemoryCircuitStore implements CircuitStore {
    private record Key(String organization, String name) {
        static Key of(CircuitRecord record) {
            return new Key(record.organization(), record.name());
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, CircuitRecord> records = new LinkedHashMap<>();
    private final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final InMemoryGates gates = new InMemoryGates();
    private final InMemoryProbes probes = new InMemoryProbes();
    private long generation;

    /** An empty store. */
    public InMemoryCircuitStore() {}

    @Override
    public long nextGeneration() {
        lock.lock();
        try {
            return ++generation;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        List<CircuitRecord> read;
        lock.lock();
        try {
            read = records.values().stream()
                    .filter(record -> !record.isClosedAndClean())
                    .toList();
        } finally {
            lock.unlock();
        }
        for (CircuitRecord record : read) {
            if (reader.wants(record.organization(), record.name(), record.epoch())) {
                reader.read(record);
            }
        }
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        lock.lock();
        try {
            return records.get(new Key(organization, name));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        List<CircuitRecord> inTheWay = new ArrayList<>();
        List<CircuitRecord> written = new ArrayList<>();
        lock.lock();
        try {
            for (CircuitChange change : changes) {
                CircuitRecord stored = records.get(Key.of(change.record()));
                if (stored == null || change.mayFollow(stored)) {
                    records.put(Key.of(change.record()), change.record());
                    written.add(change.record());
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
    public void subscribe(CircuitSubscriber subscriber) {
        subscribers.add(subscriber);
    }

    @Override
    public void unsubscribe(CircuitSubscriber subscriber) {
        subscribers.remove(subscriber);
    }

    @Override
    public GateStore gates() {
        return gates;
    }

    @Override
    public ProbeStore probes() {
        return probes;
    }

    /** Keeps what it holds: another manager may read it. */
    @Override
    public void close() {}
}
