package dev.interlock.server.security;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Tells from an {@code Authorization} header who calls. Safe for use by any thread. */
public final class Authenticator {
    private static final String SCHEME = "Bearer ";
    private static final int LONGEST = 8_192;

    private final KeyRing keys;

    Authenticator(KeyRing keys) {
        this.keys = keys;
    }

    /**
     * Finds the caller. The usual case is complete when it returns, out of memory.
     *
     * @param authorizationHeader {@code Bearer} and an API key or a token; null if there was no such header
     * @return the caller; fails with {@link UnauthorizedException} if the credential is missing or does not count
     */
    public Future<Caller> authenticate(@Nullable String authorizationHeader) {
        if (authorizationHeader == null) {
            return refuse("This call needs the header 'Authorization: Bearer' with an API key or a token");
        }
        if (!authorizationHeader.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return refuse("The Authorization header must be 'Bearer', a space, and an API key or a token");
        }
        String credential = authorizationHeader.substring(SCHEME.length()).strip();
        if (credential.isEmpty() || credential.length() > LONGEST) {
            return refuse("The bearer credential must have 1 to " + LONGEST + " characters");
        }
        ApiKeyText key = ApiKeyText.parse(credential);
        Caller caller = key == null ? null : keys.find(key);
        return caller != null
                ? Future.succeededFuture(caller)
                : refuse("The API key is unknown here, removed, or mistyped");
    }

    /**
     * Whether a caller who was let in earlier still would be, for connections that live long.
     *
     * @param caller an answer of {@link #authenticate}
     * @return false once its key was removed
     */
    public boolean isValid(Caller caller) {
        return caller.keyId() == null || keys.contains(caller.keyId());
    }

    private static Future<Caller> refuse(String why) {
        return Future.failedFuture(new UnauthorizedException(why));
    }
}
