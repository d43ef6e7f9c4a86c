package dev.interlock.server.security;

/**
 * A key that was made, with its text, which nobody can tell again.
 *
 * @param key the text to hand out
 * @param stored what is kept of it
 */
public record CreatedKey(String key, StoredKey stored) {
    /** The key without its text. */
    @Override
    public String toString() {
        return "CreatedKey[" + stored + "]";
    }
}
