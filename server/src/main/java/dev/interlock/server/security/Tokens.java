package dev.interlock.server.security;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.interlock.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * JSON Web Tokens of the known issuers. A token is verified once, off the event loop; until it ends or its issuer's
 * keys change, its caller is remembered under the token's hash. Safe for use by any thread.
 */
final class Tokens implements AutoCloseable {
    /** So many verified tokens are remembered; beyond, those that have ended go, or else all. */
    static final int REMEMBERED = 10_000;

    private static final String NO_TOKEN =
            "The bearer credential is neither an API key of this server nor a signed token";

    /** The library overlooks characters that are no base64, so that one token could be written in many ways. */
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    private final Vertx vertx;
    private final TimeSource time;
    private final Map<String, Trusted> issuers = new HashMap<>();
    private final List<JwksFetcher> fetchers = new ArrayList<>();
    private final Map<String, Caller> verified = new ConcurrentHashMap<>();

    Tokens(Vertx vertx, TimeSource time, List<JwtIssuer> trusted) {
        this.vertx = vertx;
        this.time = time;
        for (JwtIssuer issuer : trusted) {
            IssuerKeys keys = keysOf(issuer);
            issuers.put(issuer.issuer(), new Trusted(keys, new JwtVerifier(issuer, keys, time)));
        }
    }

    /** The caller of a token that was verified before and has not ended, or null. */
    @Nullable
    Caller remembered(String token) {
        if (verified.isEmpty()) {
            return null;
        }
        Caller caller = verified.get(nameOf(token));
        return caller != null && !hasEnded(caller) ? caller : null;
    }

    /** Verifies a token; fails with {@link UnauthorizedException} if it does not count. */
    Future<Caller> verify(String text) {
        if (!SHAPE.matcher(text).matches()) {
            return refuse(NO_TOKEN);
        }
        SignedJWT token;
        Trusted issuer;
        try {
            token = SignedJWT.parse(text);
            JWTClaimsSet claims = token.getJWTClaimsSet();
            issuer = claims == null || claims.getIssuer() == null ? null : issuers.get(claims.getIssuer());
        } catch (ParseException | IllegalArgumentException e) {
            return refuse(NO_TOKEN);
        }
        if (issuer == null) {
            return refuse("The token's issuer is not one that this server trusts");
        }
        Future<Void> ready = issuer.verifier.lacksKey(token) ? issuer.keys.refresh() : Future.succeededFuture();
        return ready.compose(keys -> vertx.executeBlocking(() -> issuer.verifier.verify(token), false))
                .map(caller -> Objects.requireNonNull(caller))
                .onSuccess(caller -> remember(text, caller));
    }

    boolean hasEnded(Caller caller) {
        Instant end = caller.expiresAt();
        return end != null && !time.wallTime().isBefore(end);
    }

    int rememberedCount() {
        return verified.size();
    }

    /** Ends the fetching of keys. */
    @Override
    public void close() {
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

    private void remember(String token, Caller caller) {
        if (verified.size() >= REMEMBERED) {
            verified.values().removeIf(this::hasEnded);
            if (verified.size() >= REMEMBERED) {
                verified.clear();
            }
        }
        verified.put(nameOf(token), caller);
    }

    /** A hash: the map then compares nothing that an attacker could learn byte by byte, and holds no credential. */
    private static String nameOf(String token) {
        return HexFormat.of().formatHex(ApiKeyText.hash(token));
    }

    private static Future<Caller> refuse(String why) {
        return Future.failedFuture(new UnauthorizedException(why));
    }

    private record Trusted(IssuerKeys keys, JwtVerifier verifier) {}
}
