package dev.interlock.server.security;

import dev.interlock.CircuitId;
import java.security.MessageDigest;
import java.util.List;

/**
 * The admin key of the configuration. It counts as long as it is configured and is written nowhere: neither to the
 * database nor to a log. Only its hash is kept in memory.
 */
final class ConfiguredKey {
    static final int SHORTEST = 12;

    /** This many characters cannot be guessed over a network, if a machine chose them. */
    static final int STRONG = 32;

    private static final int LONGEST = 512;

    private final byte[] hash;
    private final boolean strong;
    private final Caller caller =
            new Caller(CircuitId.DEFAULT_ORGANIZATION, Role.ADMIN, "admin (configured key)", null, true);

    ConfiguredKey(String text) {
        this.hash = ApiKeyText.hash(text);
        this.strong = text.length() >= STRONG;
    }

    /** Adds what is wrong with a key, in words that do not hold it. */
    static void check(String text, List<String> wrong) {
        if (text.length() < SHORTEST || text.length() > LONGEST) {
            wrong.add("admin-key: must have " + SHORTEST + " to " + LONGEST
                    + " characters, better 32 random ones or more; this one has " + text.length());
        }
        if (!text.chars().allMatch(c -> c > ' ' && c < 127)) {
            wrong.add("admin-key: must be of printable ASCII characters without spaces, as it travels in a header");
        }
    }

    /** Whether it is long enough to be compared with whatever an address sends, however often that was wrong. */
    boolean isStrong() {
        return strong;
    }

    boolean is(String credential) {
        return MessageDigest.isEqual(hash, ApiKeyText.hash(credential));
    }

    Caller caller() {
        return caller;
    }
}
