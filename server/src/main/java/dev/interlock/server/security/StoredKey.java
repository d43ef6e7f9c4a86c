package dev.interlock.server.security;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is kept of an API key: never the key. */
record StoredKey(
        String id,
        String organization,
        String name,
        String role,
        @Nullable String agents,
        byte[] hash,
        boolean installation,
        Instant createdAt,
        @Nullable String createdBy) {}
