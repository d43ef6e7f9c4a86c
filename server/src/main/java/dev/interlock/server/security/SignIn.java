package dev.interlock.server.security;

import dev.interlock.CircuitId;
import dev.interlock.InvalidSettingsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How people sign in to the dashboard by an issuer: OpenID Connect, the authorization code flow with PKCE. Immutable;
 * {@link #toString()} hides the secret.
 *
 * @param name what the button says, 1 to 40 characters; in lower case, with dashes, part of the address that the issuer
 *     sends people back to
 * @param clientId what the issuer calls this server; its ID tokens must be meant for it
 * @param clientSecret what the server proves itself by; null for a public client, which PKCE protects alone
 * @param scopes what is asked for in addition to {@code openid}; by default {@code profile} and {@code email}
 * @param organization the organization of people who sign in; null if the issuer's claim says so
 * @param groupsClaim the claim with the groups of who signs in, a text or a list; by default {@code groups}
 * @param roles the role that each group gives, viewer, operator or admin: who is in several has the highest, who is in
 *     none is refused; empty where the issuer's claim says the role
 * @param nameClaim the claim by which the audit trail names people; by default {@code sub}
 * @param session how long a session lasts before the issuer is asked again, 1 minute to 12 hours; by default 1 hour
 */
public record SignIn(
        String name,
        String clientId,
        @Nullable String clientSecret,
        Set<String> scopes,
        @Nullable String organization,
        String groupsClaim,
        Map<String, Role> roles,
        String nameClaim,
        Duration session) {

    /** How long somebody is signed in at most, however often the issuer agrees. */
    public static final Duration LONGEST = Duration.ofHours(12);

    private static final int LONGEST_NAME = 40;
    private static final Duration SHORTEST = Duration.ofMinutes(1);

    /**
     * Checks all of it.
     *
     * @throws InvalidSettingsException with all that is wrong, if anything is
     */
    public SignIn {
        scopes = Set.copyOf(scopes);
        roles = Map.copyOf(roles);
        List<String> wrong = new ArrayList<>();
        if (name.isBlank() || name.length() > LONGEST_NAME || id(name).isEmpty()) {
            wrong.add("sign-in.name: must have 1 to " + LONGEST_NAME + " characters, a letter or digit among them");
        }
        if (clientId.isBlank()) {
            wrong.add("sign-in.client-id: must be what the issuer calls this server");
        }
        if (groupsClaim.isBlank() || nameClaim.isBlank()) {
            wrong.add("sign-in.groups-claim, sign-in.name-claim: must be names of claims");
        }
        if (roles.containsValue(Role.AGENT)) {
            wrong.add("sign-in.roles: people are viewer, operator or admin");
        }
        if (session.compareTo(SHORTEST) < 0 || session.compareTo(LONGEST) > 0) {
            wrong.add("sign-in.session-minutes = " + session.toMinutes() + ": must be 1 to " + LONGEST.toMinutes());
        }
        if (organization != null) {
            try {
                new CircuitId(organization, "any");
            } catch (IllegalArgumentException nobody) {
                wrong.add("sign-in.organization: " + nobody.getMessage());
            }
        }
        if (!wrong.isEmpty()) {
            throw new InvalidSettingsException(wrong);
        }
    }

    /**
     * What addresses call it.
     *
     * @return the name in lower case, with a dash for whatever is no letter and no digit
     */
    public String id() {
        return id(name);
    }

    private static String id(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    /** The settings without the secret. */
    @Override
    public String toString() {
        return "SignIn[" + name + ", " + clientId + ", " + (clientSecret == null ? "public" : "with a secret") + ", "
                + roles + "]";
    }
}
