package dev.interlock.server.security;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Keys without a database, which can be away. */
final class InMemoryKeys implements KeyStore {
    final AtomicInteger reads = new AtomicInteger();
    volatile boolean away;

    private final Map<String, StoredKey> keys = new ConcurrentHashMap<>();

    @Override
    public void add(StoredKey key) {
        check();
        keys.put(key.id(), key);
    }

    @Override
    public boolean remove(String organization, String id) {
        check();
        StoredKey key = keys.get(id);
        return key != null && key.organization().equals(organization) && keys.remove(id, key);
    }

    @Override
    public List<StoredKey> all() {
        reads.incrementAndGet();
        check();
        return List.copyOf(keys.values());
    }

    private void check() {
        if (away) {
            throw new IllegalStateException("the database is away");
        }
    }
}
