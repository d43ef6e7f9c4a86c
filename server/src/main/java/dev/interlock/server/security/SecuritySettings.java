package dev.interlock.server.security;

import dev.interlock.InvalidSettingsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How callers are known and limited. Immutable; {@link #toString()} hides the admin key.
 *
 * @param adminKey the admin key of the configuration, 12 to 512 characters; null if the server is to make one
 * @param dataDir where the server writes the admin key that it makes
 * @param issuers whose tokens count; none by default
 * @param requestsPerSecond what one key or subject may call in the long run; by default 20,000
 * @param requestBurst what it may call at once; by default 40,000
 * @param failuresPerMinute how often one address may fail to authenticate in the long run; by default 60
 * @param failureBurst how often at once; unless set, 30
 * @param organizationRequestsPerSecond what all keys and subjects of an organization may call together in the long run;
 *     unless set, 40,000
 * @param organizationRequestBurst what they may call at once; unless set, 80,000
 * @param proxies whose {@code X-Forwarded-For} is believed; unless set, nobody's
 */
public record SecuritySettings(
        @Nullable String adminKey,
        Path dataDir,
        List<JwtIssuer> issuers,
        int requestsPerSecond,
        int requestBurst,
        int failuresPerMinute,
        int failureBurst,
        int organizationRequestsPerSecond,
        int organizationRequestBurst,
        TrustedProxies proxies) {

    /**
     * Checks all of it.
     *
     * @throws InvalidSettingsException with all that is wrong, if anything is
     */
    public SecuritySettings {
        issuers = List.copyOf(issuers);
        List<String> wrong = new ArrayList<>();
        if (adminKey != null) {
            ConfiguredKey.check(adminKey, wrong);
        }
        Set<String> names = new HashSet<>();
        Set<String> signIns = new HashSet<>();
        for (JwtIssuer issuer : issuers) {
            if (!names.add(issuer.issuer())) {
                wrong.add("jwt.issuers: " + issuer.issuer() + " is there twice");
            }
            SignIn signIn = issuer.signIn();
            if (signIn != null && !signIns.add(signIn.id())) {
                wrong.add("sign-in.name: " + signIn.name() + " is there twice");
            }
        }
        number(wrong, "requests-per-second", requestsPerSecond, 1_000_000);
        number(wrong, "request-burst", requestBurst, 10_000_000);
        number(wrong, "organization-requests-per-second", organizationRequestsPerSecond, 10_000_000);
        number(wrong, "organization-request-burst", organizationRequestBurst, 10_000_000);
        number(wrong, "failures-per-minute", failuresPerMinute, 1_000_000);
        number(wrong, "failure-burst", failureBurst, 1_000_000);
        if (!wrong.isEmpty()) {
            throw new InvalidSettingsException(wrong);
        }
    }

    /** All of it except proxies: no proxy is trusted. */
    SecuritySettings(
            @Nullable String adminKey,
            Path dataDir,
            List<JwtIssuer> issuers,
            int requestsPerSecond,
            int requestBurst,
            int failuresPerMinute,
            int failureBurst,
            int organizationRequestsPerSecond,
            int organizationRequestBurst) {
        this(
                adminKey,
                dataDir,
                issuers,
                requestsPerSecond,
                requestBurst,
                failuresPerMinute,
                failureBurst,
                organizationRequestsPerSecond,
                organizationRequestBurst,
                TrustedProxies.none());
    }

    /**
     * The defaults.
     *
     * @param adminKey the admin key of the configuration, or null
     * @param dataDir the server's data folder
     * @param issuers whose tokens count
     * @return the settings
     * @throws InvalidSettingsException if the key or the issuers cannot be
     */
    public static SecuritySettings of(@Nullable String adminKey, Path dataDir, List<JwtIssuer> issuers) {
        return new SecuritySettings(adminKey, dataDir, issuers, 20_000, 40_000, 60, 30, 40_000, 80_000);
    }

    /** What must never be shown: the admin key and the issuers' secrets. */
    List<String> secrets() {
        List<String> secrets = new ArrayList<>();
        if (adminKey != null) {
            secrets.add(adminKey);
        }
        for (JwtIssuer issuer : issuers) {
            if (issuer.secret() != null) {
                secrets.add(issuer.secret());
            }
            SignIn signIn = issuer.signIn();
            if (signIn != null && signIn.clientSecret() != null) {
                secrets.add(signIn.clientSecret());
            }
        }
        return secrets;
    }

    /** The settings without the key. */
    @Override
    public String toString() {
        return "SecuritySettings[admin key " + (adminKey == null ? "not " : "") + "configured, " + dataDir + ", "
                + issuers + "]";
    }

    private static void number(List<String> wrong, String name, int value, int most) {
        if (value < 1 || value > most) {
            wrong.add(name + " = " + value + ": must be 1 to " + most);
        }
    }
}
