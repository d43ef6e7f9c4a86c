package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.settings.PolicySettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The policies that a replay knows by name, and those of files. */
public final class Policies {
    /** Those that are compared where nobody says which. */
    static final List<String> USUAL = List.of("default", "recommended", "upstream");

    /** A policy of the house or of a peer. */
    private enum BuiltIn {
        DEFAULT("the specification's: streak 5 or half of at least 10 calls in 60 s; 60 s"),
        RECOMMENDED("an agent alone: streak 3 or half of the last 20 calls; 60 s x 2 to 240 s, jitter"),
        RECOMMENDED_PROBE("as recommended, for circuits with a probe: cooldown and interval 30 s"),
        UPSTREAM("a shared model, tool or key: streak 5 or half of the last 20; 60 s x 2 to 120 s"),
        UPSTREAM_PROBE("as upstream, for circuits with a probe: cooldown and interval 15 s"),
        ATTEMPTS("inside a retry loop: streak 8, or 0.7 of the last 20 calls; 60 s x 2 up to 240 s"),
        RESILIENCE4J("the peer: half of the last 100 calls; 60 s; then the rate of 10 calls decides"),
        LITELLM("the peer: over half of >= 5 calls in a minute, or a 401, 404, 429; 5 s"),
        LITELLM_COUNT("the peer with allowed_fails 3: the 4th failure in a minute; 60 s");

        private final String words;

        BuiltIn(String words) {
            this.words = words;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT).replace("_probe", "+probe").replace('_', '-');
        }
    }

    private Policies() {}

    /**
     * The built-in policies.
     *
     * @return a line each that begins with the name
     */
    public static List<String> describe() {
        List<String> lines = new ArrayList<>();
        for (BuiltIn policy : BuiltIn.values()) {
            lines.add(String.format(Locale.ROOT, "%-17s %s", policy.word(), policy.words));
        }
        return lines;
    }

    /**
     * A policy by its name, or else from a YAML file.
     *
     * @param nameOrFile a built-in policy's name, or a file
     * @return the policy, or null if it is neither
     * @throws ReplayException if the file cannot be read or says something wrong
     */
    public static @Nullable Policy find(String nameOrFile) throws ReplayException {
        Policy builtIn = builtIn(nameOrFile);
        if (builtIn != null) {
            return builtIn;
        }
        try {
            Path file = Path.of(nameOrFile);
            return !nameOrFile.isBlank() && Files.exists(file) ? Policy.of(PolicyFile.read(file)) : null;
        } catch (InvalidPathException noPath) {
            return null;
        }
    }

    static @Nullable Policy builtIn(String name) {
        return switch (name) {
            case "resilience4j" -> Policy.of(Peer.RESILIENCE4J);
            case "litellm" -> Policy.of(Peer.LITELLM);
            case "litellm-count" -> Policy.of(Peer.LITELLM_COUNT);
            default -> {
                CircuitBreakerConfig config = PolicySettings.builtIn(name);
                yield config == null ? null : Policy.of(config);
            }
        };
    }

    /** Names to settings, in order. */
    static Map<String, Policy> usual() {
        Map<String, Policy> policies = new LinkedHashMap<>();
        for (String name : USUAL) {
            Policy policy = builtIn(name);
            if (policy != null) {
                policies.put(name, policy);
            }
        }
        return policies;
    }
}
