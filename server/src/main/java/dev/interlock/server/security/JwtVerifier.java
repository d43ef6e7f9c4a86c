package dev.interlock.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import dev.interlock.TimeSource;
import io.vertx.core.Future;
import java.text.ParseException;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Judges the tokens of one issuer by the keys at hand. Computes, never waits. Safe for use by any thread. */
final class JwtVerifier {
    /** The end of the year 9999: beyond it no time can be written, and the library's own arithmetic overflows. */
    private static final double LATEST = 253_402_300_799.0;

    private final JwtIssuer issuer;
    private final IssuerKeys keys;
    private final Set<JWSAlgorithm> algorithms;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    JwtVerifier(JwtIssuer issuer, IssuerKeys keys, TimeSource time) {
        this.issuer = issuer;
        this.keys = keys;
        this.algorithms = issuer.algorithms().stream().map(JWSAlgorithm::new).collect(Collectors.toUnmodifiableSet());
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(
                JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"), null));
        processor.setJWSKeySelector(
                new JWSVerificationKeySelector<>(algorithms, (selector, context) -> selector.select(keys.current())));
        processor.setJWTClaimsSetVerifier(claims(issuer, time));
    }

    /** Whether none of the keys at hand could verify the token, though one that appears later might. */
    boolean lacksKey(SignedJWT token) {
        JWSHeader header = token.getHeader();
        if (!algorithms.contains(header.getAlgorithm())) {
            return false;
        }
        JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
        return matcher != null
                && new JWKSelector(matcher).select(keys.current()).isEmpty();
    }

    /** Whether to verify costs microseconds, as to refuse does, and can be done on an event loop. */
    boolean isCheap() {
        return issuer.secret() != null;
    }

    /** Looks for newer keys, as {@link IssuerKeys#refresh} does. */
    Future<Void> refresh() {
        return keys.refresh();
    }

    String issuer() {
        return issuer.issuer();
    }

    /** Of which organization a token says to be, unverified; empty if it does not say so in text. */
    String claimedOrganization(SignedJWT token) {
        try {
            Object claimed = token.getJWTClaimsSet().getClaim(issuer.organizationClaim());
            return claimed instanceof String text ? text : "";
        } catch (ParseException e) {
            return "";
        }
    }

    /**
     * The caller whom the token names.
     *
     * @throws UnauthorizedException if the token does not count
     */
    Caller verify(SignedJWT token) {
        return callerOf(claims(token));
    }

    /**
     * What the token says, which is signed, meant for this server and in its time.
     *
     * @throws UnauthorizedException if it is not
     */
    JWTClaimsSet claims(SignedJWT token) {
        if (!algorithms.contains(token.getHeader().getAlgorithm())) {
            throw new UnauthorizedException("The token's algorithm is not one that its issuer may use here");
        }
        if (lacksKey(token)) {
            throw new UnauthorizedException("The token is signed with a key that its issuer does not publish, "
                    + "or whose publication cannot be reached at the moment");
        }
        mustBeNeitherNestedNorEncrypted(token.getHeader());
        mustHaveTimesAndText(token.getPayload().toJSONObject());
        try {
            return processor.process(token, null);
        } catch (BadJWTException e) {
            throw new UnauthorizedException(problem(e));
        } catch (BadJOSEException | JOSEException e) {
            throw new UnauthorizedException("The token's signature or header is not valid");
        }
    }

    /** What only a token of another kind has: a reader that took it for such a one would read something else. */
    private static void mustBeNeitherNestedNorEncrypted(JWSHeader header) {
        String content = header.getContentType();
        boolean nested = "JWT".equalsIgnoreCase(content) || "application/jwt".equalsIgnoreCase(content);
        Set<String> others = header.getCustomParams().keySet();
        if (nested || others.contains("zip") || others.contains("enc")) {
            throw new UnauthorizedException(
                    "The token's header is that of a nested or encrypted token (cty, zip or enc); a signed one is needed");
        }
    }

    /** The library makes something of whatever it finds: text of a number, a time in the past of one far ahead. */
    private static void mustHaveTimesAndText(@Nullable Map<String, Object> claims) {
        if (claims == null) {
            throw new UnauthorizedException("The token's claims must be an object of JSON");
        }
        for (String name : new String[] {"exp", "nbf", "iat"}) {
            Object value = claims.get(name);
            if (value != null
                    && !(value instanceof Number time && time.doubleValue() >= 0 && time.doubleValue() <= LATEST)) {
                throw new UnauthorizedException(
                        "The token's claim " + name + " must be a time in seconds since 1970, before the year 10000");
            }
        }
        if (!(claims.get("sub") instanceof String)) {
            throw new UnauthorizedException("The token must name a subject (sub), as text");
        }
    }

    /** The library's words may hold what the token says, so they are not passed on. */
    private static String problem(BadJWTException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof ExpiredJWTException) {
            return "The token has expired";
        } else if (message.contains("before use time")) {
            return "The token does not count yet (nbf)";
        } else if (message.contains("aud claim")) {
            return "The token is not meant for this server (aud)";
        } else if (message.contains("required claims")) {
            return "The token must have an end (exp)";
        }
        return "The token's claims do not fit its issuer";
    }

    private Caller callerOf(JWTClaimsSet claims) {
        String organization = text(claims, issuer.organizationClaim());
        String role = text(claims, issuer.roleClaim());
        String subject = claims.getSubject();
        if (organization == null || role == null || subject == null || subject.isBlank()) {
            throw new UnauthorizedException("The token must name a subject (sub), an organization ("
                    + issuer.organizationClaim() + ") and a role (" + issuer.roleClaim() + "), all as text");
        }
        if (!issuer.organizations().isEmpty() && !issuer.organizations().contains(organization)) {
            throw new UnauthorizedException("The token's issuer may not speak for that organization");
        }
        Date end = claims.getExpirationTime();
        if (end == null) {
            throw new UnauthorizedException("The token must have an end (exp)");
        }
        try {
            return new Caller(
                    organization,
                    Role.of(role),
                    Actor.ofToken(subject, issuer.issuer()),
                    text(claims, "agents"),
                    text(claims, "speaks_for"),
                    false,
                    null,
                    end.toInstant().plus(issuer.clockSkew()));
        } catch (IllegalArgumentException e) {
            throw new UnauthorizedException("The token's organization, role or agents could be nobody's: a role is "
                    + "viewer, operator, admin or agent; agents is a name pattern");
        }
    }

    /** A claim that is text; null if absent. */
    private static @Nullable String text(JWTClaimsSet claims, String name) {
        Object value = claims.getClaim(name);
        if (value == null) {
            return null;
        }
        if (value instanceof String text) {
            return text;
        }
        throw new UnauthorizedException("The token's claim " + name + " must be text");
    }

    private static DefaultJWTClaimsVerifier<SecurityContext> claims(JwtIssuer issuer, TimeSource time) {
        JWTClaimsSet exact = new JWTClaimsSet.Builder().issuer(issuer.issuer()).build();
        DefaultJWTClaimsVerifier<SecurityContext> verifier =
                new DefaultJWTClaimsVerifier<>(issuer.audience(), exact, Set.of("exp")) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(time.wallTime());
                    }
                };
        verifier.setMaxClockSkew(Math.toIntExact(issuer.clockSkew().toSeconds()));
        return verifier;
    }
}
