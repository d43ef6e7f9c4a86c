package dev.interlock.server.security;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.jdbc.ApiKey;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API keys in memory, so that a call looks up its key without a database. Changes on this server count at once;
 * {@link #reload()} brings those of others. While the database is away, the keys that were last read go on counting.
 *
 * <p>{@link #find} may be called by any thread and takes no lock; the other methods block on the database.
 */
final class KeyRing {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);

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

    /** The oldest of the keys that administer the whole installation, or null if there is none. */
    @Nullable
    ApiKey installationKey() {
        return keys.values().stream()
                .map(Entry::key)
                .filter(ApiKey::installation)
                .min(Comparator.comparing(ApiKey::createdAt))
                .orElse(null);
    }

    /** The keys of an organization, oldest first. */
    List<ApiKey> of(String organization) {
        return keys.values().stream()
                .map(Entry::key)
                .filter(key -> key.organization().equals(organization))
                .sorted(Comparator.comparing(ApiKey::createdAt).thenComparing(ApiKey::id))
                .toList();
    }

    /** The organizations that have a key. */
    Set<String> organizations() {
        return keys.values().stream().map(each -> each.key.organization()).collect(Collectors.toSet());
    }

    /** What is kept of a key, or null if it is not known. */
    @Nullable
    ApiKey get(String id) {
        Entry entry = keys.get(id);
        return entry == null ? null : entry.key;
    }

    boolean contains(String id) {
        return keys.containsKey(id);
    }

    /** Reads all keys again. */
    synchronized void reload() {
        Map<String, Entry> fresh = new HashMap<>();
        for (ApiKey key : store.all()) {
            try {
                fresh.put(key.id(), new Entry(key, callerOf(key)));
            } catch (IllegalArgumentException e) {
                LOG.warn("The API key with the id {} is left out: {}", key.id(), e.getMessage());
            }
        }
        keys = fresh;
    }

    synchronized void add(ApiKey key) {
        store.add(key);
        Failpoint.KEY_STORED.reach();
        Map<String, Entry> more = new HashMap<>(keys);
        more.put(key.id(), new Entry(key, callerOf(key)));
        keys = more;
    }

    synchronized boolean remove(String organization, String id) {
        boolean removed = store.remove(organization, id);
        Failpoint.KEY_REMOVED.reach();
        if (removed) {
            Map<String, Entry> rest = new HashMap<>(keys);
            rest.remove(id);
            keys = rest;
        }
        return removed;
    }

    private static Caller callerOf(ApiKey key) {
        return new Caller(
                key.organization(),
                Role.of(key.role()),
                Actor.ofKey(key.name(), key.id()),
                key.agents(),
                key.speaksFor(),
                key.installation(),
                key.id(),
                null);
    }

    private record Entry(ApiKey key, Caller caller) {}
}
