package dev.interlock.server.security;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key that somebody wants.
 *
 * @param name what people will call it, 1 to 100 printable characters
 * @param role viewer, operator, admin or agent
 * @param organization whose key it is to be, or null for the caller's
 * @param agents the pattern of the agents that it may act for, with role agent only; null for all
 * @param speaksFor the pattern of the callers that it may name, with roles agent and admin only; null for none
 * @param expiresAt from when on it is not to count: later than now; null for never
 */
public record KeyRequest(
        String name,
        String role,
        @Nullable String organization,
        @Nullable String agents,
        @Nullable String speaksFor,
        @Nullable Instant expiresAt) {
    /**
     * A key that names no other callers and never expires.
     *
     * @param name what people will call it
     * @param role viewer, operator, admin or agent
     * @param organization whose key it is to be, or null for the caller's
     * @param agents the pattern of the agents that it may act for, or null for all
     */
    public KeyRequest(String name, String role, @Nullable String organization, @Nullable String agents) {
        this(name, role, organization, agents, null, null);
    }
}
