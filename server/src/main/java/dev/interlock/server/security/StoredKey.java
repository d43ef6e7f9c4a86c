package dev.interlock.server.security;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an API key: never the key.
 *
 * @param id names the key, in its own text too
 * @param organization whose key it is
 * @param name what people call it
 * @param role what it may do, as {@link Role#text()} writes it
 * @param agents the pattern of the agents that a key of role agent may act for, or null for all
 * @param hash SHA-256 of the key
 * @param installation whether it may handle the keys of other organizations too
 * @param createdAt when it was made
 * @param createdBy who made it, or null if the server did
 */
public record StoredKey(
        String id,
        String organization,
        String name,
        String role,
        @Nullable String agents,
        byte[] hash,
        boolean installation,
        Instant createdAt,
        @Nullable String createdBy) {

    /** The key without its hash. */
    @Override
    public String toString() {
        return "StoredKey[" + id + ", " + organization + ", " + name + ", " + role + "]";
    }
}
