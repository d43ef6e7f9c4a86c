package dev.interlock.server.security;

import io.vertx.core.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds from an {@code Authorization} header who calls. Safe for use by any thread.
 *
 * <p>What is good is let in from any address, however often that address failed: API keys and remembered tokens are
 * looked up, tokens are verified, and a configured key of {@value ConfiguredKey#STRONG} characters is compared, before
 * failures are looked at. Failures limit what is left: guesses at a shorter configured key, which people choose, and
 * what would cost more than a refusal. They are counted by address and kind of credential: API keys, each issuer's
 * tokens, and all else.
 */
public final class Authenticator {
    private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);
    private static final String SCHEME = "Bearer ";
    private static final int LONGEST = 8_192;
    private static final String NO_ADDRESS = "unknown";

    private final KeyRing keys;
    private final KeyWatch watch;
    private final Tokens tokens;
    private final @Nullable ConfiguredKey configured;
    private final RateLimiter failures;
    private final RateLimiter costly;
    private final Sessions sessions;

    /**
     * Puts them together.
     *
     * @param failures of an address, by kind of credential
     * @param costly verifications that are more work than a refusal, of an address that failed too often
     * @param sessions of people who have signed in
     */
    Authenticator(
            KeyRing keys,
            KeyWatch watch,
            Tokens tokens,
            @Nullable ConfiguredKey configured,
            RateLimiter failures,
            RateLimiter costly,
            Sessions sessions) {
        this.keys = keys;
        this.watch = watch;
        this.tokens = tokens;
        this.configured = configured;
        this.failures = failures;
        this.costly = costly;
        this.sessions = sessions;
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
            return refuse("The credential must have 1 to " + LONGEST + " characters");
        }
        ApiKeyText key = ApiKeyText.parse(credential);
        Caller known = key != null ? keys.find(key) : tokens.remembered(credential);
        if (known != null) {
            return Future.succeededFuture(known);
        }
        if (configured != null && (configured.isStrong() || failures.wait(address) == 0) && configured.is(credential)) {
            return Future.succeededFuture(configured.caller());
        }
        return key != null ? lookForKey(key, address + " key") : verify(credential, address);
    }

    /**
     * Whether a caller who was let in earlier still would be, for connections that live long. Reads memory only.
     *
     * @param caller an answer of {@link #authenticate}
     * @return false once its key was removed, or its token or session has ended
     */
    public boolean isValid(Caller caller) {
        return (caller.keyId() == null || keys.counts(caller.keyId()))
                && !tokens.hasEnded(caller)
                && (caller.session() == null || !sessions.hasEnded(caller.session()));
    }

    /** Perhaps another server made it a moment ago. */
    private Future<Caller> lookForKey(ApiKeyText key, String bucket) {
        if (failures.wait(bucket) > 0) {
            return Future.failedFuture(tooManyFailures(failures.wait(bucket)));
        }
        return watch.look()
                .compose(looked -> {
                    Caller caller = keys.find(key);
                    return caller != null
                            ? Future.succeededFuture(caller)
                            : refuse("This API key is not valid here: it was removed, has expired, or belongs to"
                                    + " another installation");
                })
                .recover(refused -> count(refused, bucket));
    }

    private Future<Caller> verify(String credential, String address) {
        Tokens.Presented token;
        try {
            token = tokens.present(credential);
        } catch (RuntimeException | StackOverflowError refused) {
            return count(refused, address);
        }
        String bucket = address + " " + token.issuer();
        try {
            return verify(token, bucket).recover(refused -> count(refused, bucket));
        } catch (RuntimeException | StackOverflowError refused) {
            return count(refused, bucket);
        }
    }

    private Future<Caller> verify(Tokens.Presented token, String bucket) {
        boolean failing = failures.wait(bucket) > 0;
        if (!failing || token.isCheap()) {
            return tokens.verify(token);
        }
        boolean lacksKey = token.lacksKey();
        if (lacksKey) {
            tokens.refresh(token); // for the next try
        }
        long wait = lacksKey ? failures.wait(bucket) : costly.take(bucket);
        return wait > 0 ? Future.failedFuture(tooManyFailures(wait)) : tokens.verify(token);
    }

    /** Counts a failure, and answers it as one too many where it is. */
    private Future<Caller> count(Throwable refused, String bucket) {
        if (refused instanceof TooManyRequestsException) {
            return Future.failedFuture(refused);
        }
        Throwable answer = refused instanceof UnauthorizedException ? refused : unjudged(refused);
        return Future.failedFuture(failures.take(bucket) == 0 ? answer : tooManyFailures(failures.wait(bucket)));
    }

    /** What a library or we did not foresee in a credential is the credential's fault, and ours to look at. */
    private static UnauthorizedException unjudged(Throwable mistake) {
        String number = Long.toHexString(ThreadLocalRandom.current().nextLong());
        LOG.atError().addKeyValue("error_id", number).setCause(mistake).log("A credential could not be judged");
        return new UnauthorizedException(
                "The credential could not be judged, for a reason that the server's log has under error_id " + number);
    }

    private static TooManyRequestsException tooManyFailures(long wait) {
        return new TooManyRequestsException("Too many failed authentications from this address", wait);
    }

    private static Future<Caller> refuse(String why) {
        return Future.failedFuture(new UnauthorizedException(why));
    }
}
