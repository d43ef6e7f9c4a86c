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
import java.util.Date;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Judges the tokens of one issuer by the keys at hand. Computes, never waits. Safe for use by any thread. */
final class JwtVerifier {
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

    /**
     * The caller whom the token names.
     *
     * @throws UnauthorizedException if the token does not count
     */
    Caller verify(SignedJWT token) {
        if (!algorithms.contains(token.getHeader().getAlgorithm())) {
            throw new UnauthorizedException("The token's algorithm is not one that its issuer may use here");
        }
        if (lacksKey(token)) {
            throw new UnauthorizedException("The token is signed with a key that its issuer does not publish, "
                    + "or whose publication cannot be reached at the moment");
        }
        try {
            return callerOf(processor.process(token, null));
        } catch (BadJWTException e) {
            throw new UnauthorizedException(problem(e));
        } catch (BadJOSEException | JOSEException e) {
            throw new UnauthorizedException("The token's signature or header is not valid");
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
        try {
            return new Caller(
                    organization,
                    Role.of(role),
                    Actor.ofToken(subject, issuer.issuer()),
                    text(claims, "agents"),
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
