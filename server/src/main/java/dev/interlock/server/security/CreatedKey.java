package dev.interlock.server.security;

import dev.interlock.jdbc.ApiKey;

/**
 * A key that was made, with its text, which nobody can show again.
 *
 * @param key the text to hand out
 * @param stored what is kept of it
 */
public record CreatedKey(String key, ApiKey stored) {
    /** The key without its text. */
    @Override
    public String toString() {
        return "CreatedKey[" + stored + "]";
    }
}
