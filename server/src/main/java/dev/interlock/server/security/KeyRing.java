package dev.interlock.server.security;

import dev.interlock.TimeSource;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.jdbc.ApiKey;
import dev.interlock.jdbc.Author;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API keys in memory, so that a call looks up its key without a database. Changes on this server count at once;
 * {@link #reload()} brings those of others. While the database is away, the keys that were last read stay valid.
 *
 * <p>{@link #find} may be called by any thread and takes no lock; the other methods block on the database.
 */
final class KeyRing {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);

    /** How often a use is noted at most: it is for people who look for keys that nobody needs. */
    private static final long NOTED_EVERY = 60_000;

    private final KeyStore store;
    private final TimeSource time;

    /** When keys were last used here, for as long as there are these keys; and until when all of it is stored. */
    private final Map<String, AtomicLong> uses = new ConcurrentHashMap<>();

    private long usesStored;
    private volatile Map<String, Entry> keys = Map.of();

    KeyRing(KeyStore store, TimeSource time) {
        this.store = store;
        this.time = time;
    }

    /** The caller whose key this is, or null if it is no key here. */
    @Nullable
    Caller find(ApiKeyText key) {
        Entry entry = keys.get(key.id());
        if (entry == null || !MessageDigest.isEqual(entry.key.hash(), key.hash())) {
            return null;
        }
        long now = time.wallTime().toEpochMilli();
        if (now >= entry.end) {
            return null;
        }
        if (now - entry.used.get() >= NOTED_EVERY) {
            entry.used.set(now);
        }
        return entry.caller;
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
                .filter(each -> each.key.organization().equals(organization))
                .map(Entry::shown)
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

    /** Whether a key is there, and has not expired. */
    boolean counts(String id) {
        Entry entry = keys.get(id);
        return entry != null && time.wallTime().toEpochMilli() < entry.end;
    }

    /** Stores when keys were used, once a minute. */
    synchronized void storeUses() {
        long now = time.wallTime().toEpochMilli();
        if (now - usesStored < NOTED_EVERY) {
            return;
        }
        Map<String, Instant> fresh = new HashMap<>();
        uses.forEach((id, used) -> {
            if (used.get() > usesStored - NOTED_EVERY && used.get() > 0) {
                fresh.put(id, Instant.ofEpochMilli(used.get()));
            }
        });
        store.used(fresh);
        usesStored = now;
    }

    /** Reads all keys again. */
    synchronized void reload() {
        Map<String, Entry> fresh = new HashMap<>();
        for (ApiKey key : store.all()) {
            try {
                fresh.put(key.id(), entry(key));
            } catch (IllegalArgumentException e) {
                LOG.warn("The API key with the id {} is left out: {}", key.id(), e.getMessage());
            }
        }
        uses.keySet().retainAll(fresh.keySet());
        keys = fresh;
    }

    private Entry entry(ApiKey key) {
        Instant end = key.expiresAt();
        return new Entry(
                key,
                callerOf(key),
                end == null ? Long.MAX_VALUE : end.toEpochMilli(),
                uses.computeIfAbsent(key.id(), first -> new AtomicLong()));
    }

    synchronized void add(ApiKey key) {
        store.add(key);
        Failpoint.KEY_STORED.reach();
        Map<String, Entry> more = new HashMap<>(keys);
        more.put(key.id(), entry(key));
        keys = more;
    }

    synchronized boolean remove(ApiKey key, Author by) {
        boolean removed = store.remove(key, by);
        Failpoint.KEY_REMOVED.reach();
        if (removed) {
            Map<String, Entry> rest = new HashMap<>(keys);
            rest.remove(key.id());
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

    /**
     * @param end when it expires, in milliseconds
     * @param used when it was last used here, in milliseconds; 0 for never
     */
    private record Entry(ApiKey key, Caller caller, long end, AtomicLong used) {
        /** With its last use, here or where the database has heard of it. */
        ApiKey shown() {
            Instant stored = key.lastUsedAt();
            long here = used.get();
            return here == 0 || stored != null && stored.toEpochMilli() > here
                    ? key
                    : key.usedAt(Instant.ofEpochMilli(here));
        }
    }
}
