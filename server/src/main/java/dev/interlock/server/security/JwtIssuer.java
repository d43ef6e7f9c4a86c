package dev.interlock.server.security;

import dev.interlock.InvalidSettingsException;
import dev.interlock.server.text.Secrets;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One issuer whose JSON Web Tokens count, and how they are judged. Immutable; {@link #toString()} hides the secret.
 *
 * <p>Which algorithms an issuer may use follows from what its keys are: a JWKS address takes signatures by private key
 * only, a shared secret takes HMACs only. So a public key can never serve as a secret, and {@code none} is no choice.
 *
 * @param issuer the exact {@code iss} of its tokens
 * @param jwksUrl where its public keys are; https, or http on this machine; null with a secret
 * @param secret the key that it shares with this server, at least as long as the algorithm's hash; null with a JWKS
 * @param algorithms the {@code alg} that its tokens may bear; by default RS256 and ES256 with a JWKS, HS256 with a
 *     secret
 * @param audience the {@code aud} that its tokens must name
 * @param organizations the organizations that its tokens may speak for; empty for all
 * @param organizationClaim the claim with the organization; by default {@code organization_id}
 * @param roleClaim the claim with the role; by default {@code role}
 * @param clockSkew by how much its clock may differ, 0 to 5 minutes; by default 30 s
 * @param signIn how people sign in by it, which needs a JWKS; null if they do not
 */
public record JwtIssuer(
        String issuer,
        @Nullable URI jwksUrl,
        @Nullable String secret,
        Set<String> algorithms,
        String audience,
        Set<String> organizations,
        String organizationClaim,
        String roleClaim,
        Duration clockSkew,
        @Nullable SignIn signIn) {

    private static final Set<String> ASYMMETRIC =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");
    private static final Set<String> SYMMETRIC = Set.of("HS256", "HS384", "HS512");
    private static final Duration LONGEST_SKEW = Duration.ofMinutes(5);

    /**
     * Checks all of it.
     *
     * @throws InvalidSettingsException with all that is wrong, if anything is
     */
    public JwtIssuer {
        algorithms = Set.copyOf(algorithms);
        organizations = Set.copyOf(organizations);
        List<String> wrong = new ArrayList<>();
        if (issuer.isBlank()) {
            wrong.add("issuer: must be the exact iss of the tokens");
        }
        if (audience.isBlank()) {
            wrong.add("audience: must be the aud that the tokens name for this server");
        }
        if ((jwksUrl == null) == (secret == null)) {
            wrong.add("jwks-url, secret: an issuer needs exactly one of them");
        }
        if (jwksUrl != null && !isSafe(jwksUrl)) {
            wrong.add("jwks-url = " + Secrets.hiddenAddress(jwksUrl.toString())
                    + ": must be an https address (http only on this machine), without a user");
        }
        Set<String> possible = secret != null ? SYMMETRIC : ASYMMETRIC;
        for (String algorithm : new TreeSet<>(algorithms)) {
            if (!possible.contains(algorithm)) {
                wrong.add("algorithms = " + algorithm + ": with a " + (secret != null ? "secret" : "JWKS")
                        + " must be among " + String.join(", ", new TreeSet<>(possible)));
            } else if (secret != null && secretBytes(secret).length * 8 < bits(algorithm)) {
                wrong.add("secret: must have at least " + bits(algorithm) / 8 + " bytes for " + algorithm);
            }
        }
        if (algorithms.isEmpty()) {
            wrong.add("algorithms: must name at least one");
        }
        if (organizationClaim.isBlank() || roleClaim.isBlank()) {
            wrong.add("organization-claim, role-claim: must be names of claims");
        }
        if (clockSkew.isNegative() || clockSkew.compareTo(LONGEST_SKEW) > 0) {
            wrong.add("clock-skew = " + clockSkew.toMillis() + " ms: must be 0 to 5 min");
        }
        if (signIn != null && jwksUrl == null) {
            wrong.add("sign-in: needs an issuer with a jwks-url, since a shared secret signs for both sides");
        }
        if (!wrong.isEmpty()) {
            throw new InvalidSettingsException(wrong);
        }
    }

    /** The same issuer as it speaks of people who sign in: its tokens are meant for the client. */
    JwtIssuer ofSignIn(SignIn by) {
        return new JwtIssuer(
                issuer,
                jwksUrl,
                null,
                algorithms,
                by.clientId(),
                organizations,
                organizationClaim,
                roleClaim,
                clockSkew,
                by);
    }

    /**
     * An issuer that publishes its keys, with the defaults of everything else.
     *
     * @param issuer the exact {@code iss}
     * @param jwksUrl where its keys are
     * @param audience the {@code aud} to ask for
     * @return the issuer
     * @throws InvalidSettingsException if a part is wrong
     */
    public static JwtIssuer ofJwks(String issuer, URI jwksUrl, String audience) {
        return new JwtIssuer(
                issuer,
                jwksUrl,
                null,
                Set.of("RS256", "ES256"),
                audience,
                Set.of(),
                "organization_id",
                "role",
                Duration.ofSeconds(30),
                null);
    }

    /**
     * An issuer that shares a secret with this server, with the defaults of everything else.
     *
     * @param issuer the exact {@code iss}
     * @param secret at least 32 bytes
     * @param audience the {@code aud} to ask for
     * @return the issuer
     * @throws InvalidSettingsException if a part is wrong
     */
    public static JwtIssuer ofSecret(String issuer, String secret, String audience) {
        return new JwtIssuer(
                issuer,
                null,
                secret,
                Set.of("HS256"),
                audience,
                Set.of(),
                "organization_id",
                "role",
                Duration.ofSeconds(30),
                null);
    }

    /**
     * Reads an issuer as {@code interlock.yaml} writes it, each part by its name in kebab-case: {@code issuer},
     * {@code jwks-url} or {@code secret}, {@code audience}, and if need be {@code algorithms}, {@code organizations},
     * {@code organization-claim}, {@code role-claim}, {@code clock-skew-seconds}, {@code sign-in}.
     *
     * @param settings names and values; lists may also be written with commas
     * @return the issuer
     * @throws InvalidSettingsException with all that is wrong, unknown names included
     */
    public static JwtIssuer from(Map<String, ?> settings) {
        return new JwtIssuerReader(settings).read();
    }

    /** The issuer without its secret. */
    @Override
    public String toString() {
        return "JwtIssuer[" + issuer + ", "
                + (jwksUrl != null ? Secrets.hiddenAddress(jwksUrl.toString()) : "shared secret") + ", "
                + new TreeSet<>(algorithms) + "]";
    }

    byte[] secretBytes() {
        return secret == null ? new byte[0] : secretBytes(secret);
    }

    private static byte[] secretBytes(String secret) {
        return secret.getBytes(StandardCharsets.UTF_8);
    }

    private static int bits(String algorithm) {
        return Integer.parseInt(algorithm.substring(2));
    }

    private static boolean isSafe(URI url) {
        String host = url.getHost();
        if (host == null || url.getUserInfo() != null) {
            return false;
        }
        boolean here = host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
        return "https".equals(url.getScheme()) || ("http".equals(url.getScheme()) && here);
    }
}
