package dev.interlock.server.security;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * Tells from an {@code Authorization} header who calls. Safe for use by any thread.
 *
 * <p>An address that fails too often is refused with {@link TooManyRequestsException} wherever it could guess or cost:
 * at tokens that are not yet verified and at a configured admin key, which people choose. A good API key has 256 random
 * bits and a remembered token has proved itself, so both are let in from any address: one misconfigured agent does not
 * shut out the others behind its gateway.
 */
public final class Authenticator {
    private static final String SCHEME = "Bearer ";
    private static final int LONGEST = 8_192;
    private static final String NO_ADDRESS = "unknown";

    private final KeyRing keys;
    private final KeyWatch watch;
    private final Tokens tokens;
    private final @Nullable ConfiguredKey configured;
    private final RateLimiter failures;

    Authenticator(
            KeyRing keys, KeyWatch watch, Tokens tokens, @Nullable ConfiguredKey configured, RateLimiter failures) {
        this.keys = keys;
        this.watch = watch;
        this.tokens = tokens;
        this.configured = configured;
        this.failures = failures;
    }

    /**
     * Finds the caller, as {@link #authenticate(String, String)} does, where the address is not known.
     *
     * @param authorizationHeader {@code Bearer} and an API key or a token; null if there was no such header
     * @return the caller, or a failure
     */
    public Future<Caller> authenticate(@Nullable String authorizationHeader) {
        return authenticate(authorizationHeader, NO_ADDRESS);
    }

    /**
     * Finds the caller. The usual case is complete when it returns, out of memory.
     *
     * @param authorizationHeader {@code Bearer} and an API key or a token; null if there was no such header
     * @param address whose failures are counted together: the peer's address
     * @return the caller; fails with {@link UnauthorizedException} if the credential is missing or does not count, with
     *     {@link TooManyRequestsException} if the address failed too often
     */
    public Future<Caller> authenticate(@Nullable String authorizationHeader, String address) {
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
        Caller known = key != null ? keys.find(key) : tokens.remembered(credential);
        if (known != null) {
            return Future.succeededFuture(known);
        }
        long wait = failures.wait(address);
        if (wait > 0) {
            return Future.failedFuture(tooManyFailures(wait));
        }
        return lookCloser(credential, key)
                .recover(refused -> Future.failedFuture(
                        failures.take(address) == 0 ? refused : tooManyFailures(failures.wait(address))));
    }

    /**
     * Whether a caller who was let in earlier still would be, for connections that live long. Reads memory only.
     *
     * @param caller an answer of {@link #authenticate}
     * @return false once its key was removed or its token has ended
     */
    public boolean isValid(Caller caller) {
        return (caller.keyId() == null || keys.contains(caller.keyId())) && !tokens.hasEnded(caller);
    }

    private Future<Caller> lookCloser(String credential, @Nullable ApiKeyText key) {
        if (configured != null && configured.is(credential)) {
            return Future.succeededFuture(configured.caller());
        }
        if (key == null) {
            return tokens.verify(credential);
        }
        // Perhaps another server made it a moment ago.
        return watch.look().compose(looked -> {
            Caller caller = keys.find(key);
            return caller != null
                    ? Future.succeededFuture(caller)
                    : refuse("The API key is not known here: it was removed, or belongs to another installation");
        });
    }

    private static TooManyRequestsException tooManyFailures(long wait) {
        return new TooManyRequestsException("Too many failed authentications from this address", wait);
    }

    private static Future<Caller> refuse(String why) {
        return Future.failedFuture(new UnauthorizedException(why));
    }
}
