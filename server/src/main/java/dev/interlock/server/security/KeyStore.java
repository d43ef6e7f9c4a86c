package dev.interlock.server.security;

import dev.interlock.jdbc.ApiKey;
import dev.interlock.jdbc.ApiKeys;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the key ring needs of {@link ApiKeys}. Blocks, and throws what the database throws. */
interface KeyStore {
    void add(ApiKey key);

    boolean remove(String organization, String id);

    List<ApiKey> all();

    /** Notes when keys were used, by id. */
    void used(Map<String, Instant> lastUses);

    /** The keys of a database. */
    static KeyStore of(ApiKeys keys) {
        return new KeyStore() {
            @Override
            public void add(ApiKey key) {
                keys.add(key);
            }

            @Override
            public boolean remove(String organization, String id) {
                return keys.remove(organization, id);
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
