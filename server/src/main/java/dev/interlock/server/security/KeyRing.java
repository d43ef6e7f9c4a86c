package dev.interlock.server.security;

import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The API keys in memory, so that a call looks up its key without a database. Changes on this server count at once;
 * {@link #reload()} brings those of others. While the database is away, the keys that were last read go on counting.
 *
 * <p>{@link #find} may be called by any thread and takes no lock; the other methods block on the database.
 */
final class KeyRing {
    private final KeyStore store;
    private volatile Map<String, Entry> keys = Map.of();

    KeyRing(KeyStore store) {
        this.store = store;
    }

    /** The caller whose key this is, or null if it is no key here. */
    @Nullable
    Caller find(ApiKeyText key) {
        Entry entry = keys.get(key.id());
        return entry != null && MessageDigest.isEqual(entry.key.hash(), key.hash()) ? entry.caller : null;
    }

    boolean contains(String id) {
        return keys.containsKey(id);
    }

    /** Reads all keys anew. */
    synchronized void reload() {
        Map<String, Entry> fresh = new HashMap<>();
        for (StoredKey key : store.all()) {
            fresh.put(key.id(), new Entry(key, callerOf(key)));
        }
        keys = fresh;
    }

    synchronized void add(StoredKey key) {
        store.add(key);
        reload();
    }

    synchronized boolean remove(String organization, String id) {
        boolean removed = store.remove(organization, id);
        if (removed) {
            Map<String, Entry> rest = new HashMap<>(keys);
            rest.remove(id);
            keys = rest;
        }
        return removed;
    }

    private static Caller callerOf(StoredKey key) {
        return new Caller(
                key.organization(),
                Role.of(key.role()),
                key.name() + " (key " + key.id() + ")",
                key.agents(),
                key.installation(),
                key.id(),
                null);
    }

    private record Entry(StoredKey key, Caller caller) {}
}
