package dev.interlock.server.security;

import dev.interlock.jdbc.ApiKey;
import dev.interlock.jdbc.ApiKeys;
import dev.interlock.jdbc.Author;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the key ring needs of {@link ApiKeys}. Blocks, and throws what the database throws. */
interface KeyStore {
    void add(ApiKey key);

    /** Removes a key; false if there is none. */
    boolean remove(ApiKey key, Author by);

    List<ApiKey> all();

    /** Notes when keys were used, by id. */
    void used(Map<String, Instant> lastUses);

    /** What the trail of changes keeps of a key. */
    private static String shown(ApiKey key) {
        return new JsonObject()
                .put("name", key.name())
                .put("role", key.role())
                .put("agents", key.agents())
                .put("speaks_for", key.speaksFor())
                .put(
                        "expires_at",
                        key.expiresAt() == null ? null : key.expiresAt().toString())
                .encode();
    }

    /** The keys of a database. */
    static KeyStore of(ApiKeys keys) {
        return new KeyStore() {
            @Override
            public void add(ApiKey key) {
                keys.add(key, shown(key));
            }

            @Override
            public boolean remove(ApiKey key, Author by) {
                return keys.remove(key.organization(), key.id(), shown(key), by);
            }

            @Override
            public List<ApiKey> all() {
                return keys.all();
            }

            @Override
            public void used(Map<String, Instant> lastUses) {
                keys.used(lastUses);
            }
        };
    }
}
