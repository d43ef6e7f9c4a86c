package dev.interlock.server.security;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.interlock.TimeSource;
import dev.interlock.server.workers.Workers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * JSON Web Tokens of the known issuers. A token is verified once; until it ends or its issuer's keys change, its caller
 * is remembered under the token's hash. Safe for use by any thread.
 */
final class Tokens implements AutoCloseable {
    /** How many verified tokens are remembered; beyond an organization's share its oldest are forgotten. */
    static final int REMEMBERED = 10_000;

    private static final String NO_TOKEN = "The credential is neither an API key of this server nor a signed token";

    /** The library overlooks characters that are no base64, so that one token could be written in many ways. */
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    private static final int VERIFIERS = 2;
    private static final int MOST_WAITING = 1_024;
    private static final Duration TURN = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final TimeSource time;
    private final Workers pool;
    private final Map<String, JwtVerifier> issuers = new HashMap<>();
    private final List<SignInIssuer> signIns = new ArrayList<>();
    private final List<JwksFetcher> fetchers = new ArrayList<>();
    private final RememberedTokens verified = new RememberedTokens(REMEMBERED);

    Tokens(Vertx vertx, TimeSource time, List<JwtIssuer> trusted) {
        this.vertx = vertx;
        this.time = time;
        this.pool = new Workers(vertx, "interlock-tokens", VERIFIERS, MOST_WAITING, TURN, TURN.multipliedBy(2));
        for (JwtIssuer issuer : trusted) {
            IssuerKeys keys = keysOf(issuer);
            issuers.put(issuer.issuer(), new JwtVerifier(issuer, keys, time));
            SignIn signIn = issuer.signIn();
            if (signIn != null) {
                signIns.add(new SignInIssuer(issuer, new JwtVerifier(issuer.ofSignIn(signIn), keys, time)));
            }
        }
    }

    /** The issuers by which people sign in. */
    List<SignInIssuer> signIns() {
        return List.copyOf(signIns);
    }

    /** The caller of a token that was verified before and has not ended, or null. */
    @Nullable
    Caller remembered(String token) {
        if (verified.isEmpty()) {
            return null;
        }
        Caller caller = verified.find(nameOf(token));
        return caller != null && !hasEnded(caller) ? caller : null;
    }

    /**
     * Reads a token without believing it.
     *
     * @throws UnauthorizedException if it is none, or of an issuer whose tokens do not count
     */
    Presented present(String text) {
        if (!SHAPE.matcher(text).matches()) {
            throw new UnauthorizedException(NO_TOKEN);
        }
        SignedJWT token;
        JwtVerifier issuer;
        try {
            token = SignedJWT.parse(text);
            JWTClaimsSet claims = token.getJWTClaimsSet();
            issuer = claims == null || claims.getIssuer() == null ? null : issuers.get(claims.getIssuer());
        } catch (ParseException | IllegalArgumentException e) {
            throw new UnauthorizedException(NO_TOKEN);
        }
        if (issuer == null) {
            throw new UnauthorizedException("The token's issuer is not one that this server trusts");
        }
        return new Presented(text, token, issuer);
    }

    /** Looks whether the issuer has published newer keys; complete, never failed, when there is no more to wait for. */
    Future<Void> refresh(Presented token) {
        return token.verifier.refresh();
    }

    /**
     * Verifies a token, once its issuer's keys are known: at once where that is cheap, else on a small pool of its own, so that neither a slow database
     * nor others' work delays it, nor it theirs.
     *
     * @return the caller; fails with {@link UnauthorizedException} if the token does not count, with {@link
     *     dev.interlock.server.workers.BusyException} if too many of the organization that it names wait to be verified
     */
    Future<Caller> verify(Presented token) {
        if (token.lacksKey()) {
            return refresh(token).compose(looked -> verifyByKnownKeys(token));
        }
        return verifyByKnownKeys(token);
    }

    private Future<Caller> verifyByKnownKeys(Presented token) {
        if (token.isCheap()) {
            return Future.succeededFuture(verified(token));
        }
        return pool.run(token.claimedOrganization(), () -> verified(token));
    }

    private Caller verified(Presented token) {
        Caller caller = token.verifier.verify(token.token);
        verified.put(nameOf(token.text), caller);
        return caller;
    }

    boolean hasEnded(Caller caller) {
        Instant end = caller.expiresAt();
        return end != null && !time.wallTime().isBefore(end);
    }

    int rememberedCount() {
        return verified.size();
    }

    /** Ends the fetching of keys and the pool. */
    @Override
    public void close() {
        pool.close();
        fetchers.forEach(JwksFetcher::close);
    }

    private IssuerKeys keysOf(JwtIssuer issuer) {
        if (issuer.jwksUrl() == null) {
            return IssuerKeys.shared(issuer.secretBytes());
        }
        JwksFetcher fetcher = new JwksFetcher(vertx, issuer, time, verified::clear);
        fetchers.add(fetcher);
        return fetcher;
    }

    /** A hash: the map then compares nothing that an attacker could learn byte by byte, and holds no credential. */
    private static String nameOf(String token) {
        return HexFormat.of().formatHex(ApiKeyText.hash(token));
    }

    /** A token that somebody sent, read and not yet believed. */
    static final class Presented {
        private final String text;
        private final SignedJWT token;
        private final JwtVerifier verifier;

        private Presented(String text, SignedJWT token, JwtVerifier verifier) {
            this.text = text;
            this.token = token;
            this.verifier = verifier;
        }

        /** The issuer that it names, one of those that are trusted. */
        String issuer() {
            return verifier.issuer();
        }

        /** Of which organization it says to be; not believed, but that others forge it costs them their failures. */
        String claimedOrganization() {
            return verifier.claimedOrganization(token);
        }

        /** Whether to verify it is no more work than to refuse it. */
        boolean isCheap() {
            return verifier.isCheap();
        }

        /** Whether none of the keys at hand could verify it, though one that appears later might. */
        boolean lacksKey() {
            return verifier.lacksKey(token);
        }
    }
}
