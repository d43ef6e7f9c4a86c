package dev.interlock.server.security;

import org.jspecify.annotations.Nullable;

/**
 * A key that somebody wants.
 *
 * @param name what people will call it, 1 to 100 printable characters
 * @param role viewer, operator, admin or agent
 * @param organization whose key it is to be, or null for the caller's
 * @param agents the pattern of the agents that it may act for, with role agent only; null for all
 */
public record KeyRequest(
        String name,
        String role,
        @Nullable String organization,
        @Nullable String agents) {}
