package dev.interlock.server.security;

import dev.interlock.jdbc.ApiKey;
import dev.interlock.jdbc.Author;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Keys without a database, which can be away. */
final class InMemoryKeys implements KeyStore {
    final AtomicInteger reads = new AtomicInteger();
    volatile boolean away;
    final Map<String, Instant> uses = new ConcurrentHashMap<>();

    private final Map<String, ApiKey> keys = new ConcurrentHashMap<>();

    @Override
    public void add(ApiKey key) {
        check();
        if (key.installation() && keys.values().stream().anyMatch(ApiKey::installation)) {
            throw new IllegalArgumentException("there is one");
        }
        keys.put(key.id(), key);
    }

    @Override
    public boolean remove(ApiKey key, Author by) {
        check();
        return keys.remove(key.id()) != null;
    }

    @Override
    public List<ApiKey> all() {
        reads.incrementAndGet();
        check();
        return List.copyOf(keys.values());
    }

    @Override
    public void used(Map<String, Instant> lastUses) {
        check();
        uses.putAll(lastUses);
    }

    private void check() {
        if (away) {
            throw new IllegalStateException("the database is away");
        }
    }
}
