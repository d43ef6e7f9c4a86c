package dev.interlock.store;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A store that lasts as long as the process: for tests, and for managers that come and go within one process. Safe for
 * use by any thread.
 */
public final class InMemoryCircuitStore implements CircuitStore {
    private record Key(String organization, String name) {}

    private final Map<Key, CircuitRecord> records = new ConcurrentHashMap<>();
    private final AtomicLong generation = new AtomicLong();

    /** An empty store. */
    public InMemoryCircuitStore() {}

    @Override
    public long nextGeneration() {
        return generation.incrementAndGet();
    }

    @Override
    public void readNotPlainlyClosed(Consumer<CircuitRecord> reader) {
        records.values().stream().filter(record -> !record.isPlainlyClosed()).forEach(reader);
    }

    @Override
    public void write(Collection<CircuitRecord> batch) {
        for (CircuitRecord record : batch) {
            records.merge(
                    new Key(record.organization(), record.name()),
                    record,
                    (known, fresh) -> fresh.epoch() >= known.epoch() ? fresh : known);
        }
    }

    /** Keeps what it holds: another manager may read it. */
    @Override
    public void close() {}
}
