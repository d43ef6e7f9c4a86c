package dev.interlock.server.security;

import java.time.Instant;

/**
 * Leave to open one WebSocket, for browsers, which cannot set a header there.
 *
 * @param ticket the secret to put into the address, good once
 * @param expiresAt when it ends unused
 */
public record Ticket(String ticket, Instant expiresAt) {
    /** The ticket without its secret. */
    @Override
    public String toString() {
        return "Ticket[until " + expiresAt + "]";
    }
}
