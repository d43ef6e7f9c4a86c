package dev.interlock.server.security;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.interlock.server.security.SignInRefusedException.Reason;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An issuer by which people sign in: judges what it says of them. Safe for use by any thread. */
public final class SignInIssuer {
    private final JwtIssuer issuer;
    private final SignIn signIn;
    private final JwtVerifier verifier;

    SignInIssuer(JwtIssuer issuer, JwtVerifier verifier) {
        this.issuer = issuer;
        this.signIn = Objects.requireNonNull(issuer.signIn());
        this.verifier = verifier;
    }

    /**
     * Whom an issuer means.
     *
     * @param subject its name of the person
     * @param organization whose circuits the person sees
     * @param role what the person may do there
     * @param actor who the person is, for the audit trail
     */
    public record Person(String subject, String organization, Role role, String actor) {}

    /** {@return how people sign in} */
    public SignIn signIn() {
        return signIn;
    }

    /** {@return the exact {@code iss}} */
    public String issuer() {
        return issuer.issuer();
    }

    /**
     * Judges an ID token.
     *
     * @param idToken as the issuer's token endpoint gave it
     * @param nonce what was sent along when the person went there; null for a token of a refresh, which has none
     * @return whom it means; fails with a {@link SignInRefusedException}
     */
    public Future<Person> judge(String idToken, @Nullable String nonce) {
        SignedJWT token;
        try {
            token = SignedJWT.parse(idToken);
        } catch (ParseException none) {
            return refused(Reason.FAILED, "The issuer gave no signed ID token");
        }
        Future<Void> keys = verifier.lacksKey(token) ? verifier.refresh() : Future.succeededFuture();
        return keys.compose(looked -> {
            try {
                return Future.succeededFuture(person(verifier.claims(token), nonce));
            } catch (SignInRefusedException refused) {
                return Future.failedFuture(refused);
            } catch (UnauthorizedException bad) {
                return refused(Reason.FAILED, "The ID token does not count: " + bad.getMessage());
            }
        });
    }

    private Person person(JWTClaimsSet claims, @Nullable String nonce) throws SignInRefusedException {
        Object meantFor = claims.getClaim("azp");
        if (meantFor != null && !meantFor.equals(signIn.clientId())) {
            throw new SignInRefusedException(Reason.FAILED, "The ID token was given to another client (azp)");
        }
        if (nonce != null && !isSame(nonce, claims.getClaim("nonce"))) {
            throw new SignInRefusedException(Reason.FAILED, "The ID token is of another sign-in (nonce)");
        }
        String subject = claims.getSubject();
        String organization =
                signIn.organization() != null ? signIn.organization() : text(claims, issuer.organizationClaim());
        if (subject == null || subject.isBlank() || organization == null) {
            throw new SignInRefusedException(
                    Reason.FAILED,
                    "The ID token must name a subject (sub) and, unless sign-in.organization does, an organization ("
                            + issuer.organizationClaim() + ")");
        }
        if (!issuer.organizations().isEmpty() && !issuer.organizations().contains(organization)) {
            throw new SignInRefusedException(Reason.NO_ROLE, "The issuer may not speak for that organization");
        }
        String name = text(claims, signIn.nameClaim());
        String actor = Actor.ofToken(name == null || name.isBlank() ? subject : name, issuer.issuer());
        return new Person(subject, organization, role(claims), actor);
    }

    /** The highest role that a group gives, or the one that the issuer's claim names where no group gives any. */
    private Role role(JWTClaimsSet claims) throws SignInRefusedException {
        Role best = null;
        if (signIn.roles().isEmpty()) {
            best = named(text(claims, issuer.roleClaim()));
        } else {
            Object groups = claims.getClaim(signIn.groupsClaim());
            List<?> all = groups instanceof List<?> several
                    ? several
                    : groups instanceof String one ? List.of(one) : List.of();
            for (Object group : all) {
                Role role = group instanceof String name ? signIn.roles().get(name) : null;
                best = role != null && (best == null || role.may(best)) ? role : best;
            }
        }
        if (best == null) {
            throw new SignInRefusedException(
                    Reason.NO_ROLE,
                    signIn.roles().isEmpty()
                            ? "The claim " + issuer.roleClaim() + " names no role of a person"
                            : "The person is in no group of sign-in.roles (claim " + signIn.groupsClaim() + ")");
        }
        return best;
    }

    private static @Nullable Role named(@Nullable String role) {
        try {
            Role read = role == null ? null : Role.of(role);
            return read == Role.AGENT ? null : read;
        } catch (IllegalArgumentException none) {
            return null;
        }
    }

    private static @Nullable String text(JWTClaimsSet claims, String name) {
        return claims.getClaim(name) instanceof String text ? text : null;
    }

    private static boolean isSame(String expected, @Nullable Object found) {
        return found instanceof String text
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8));
    }

    private static <T> Future<T> refused(Reason reason, String detail) {
        return Future.failedFuture(new SignInRefusedException(reason, detail));
    }
}
