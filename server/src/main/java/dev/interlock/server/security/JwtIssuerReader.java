package dev.interlock.server.security;

import dev.interlock.InvalidSettingsException;
import dev.interlock.server.text.Secrets;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a {@link JwtIssuer} from names and values, and reports all mistakes at once, never a secret. */
final class JwtIssuerReader {
    private static final Set<String> NAMES = Set.of(
            "issuer",
            "jwks-url",
            "secret",
            "audience",
            "algorithms",
            "organizations",
            "organization-claim",
            "role-claim",
            "clock-skew-seconds",
            "sign-in");

    private final Map<String, ?> settings;
    private final List<String> wrong = new ArrayList<>();

    JwtIssuerReader(Map<String, ?> settings) {
        this.settings = settings;
    }

    JwtIssuer read() {
        for (String name : new TreeSet<>(settings.keySet())) {
            if (!NAMES.contains(name)) {
                wrong.add(name + ": no setting of a JWT issuer; those are " + String.join(", ", new TreeSet<>(NAMES)));
            }
        }
        String issuer = text("issuer", "");
        String secret = optional("secret");
        URI jwksUrl = address();
        Duration skew = skew();
        Set<String> algorithms = list("algorithms");
        if (algorithms.isEmpty()) {
            algorithms = secret != null ? Set.of("HS256") : Set.of("RS256", "ES256");
        }
        try {
            JwtIssuer read = new JwtIssuer(
                    issuer,
                    jwksUrl,
                    secret,
                    algorithms,
                    text("audience", ""),
                    list("organizations"),
                    text("organization-claim", "organization_id"),
                    text("role-claim", "role"),
                    skew,
                    signIn());
            if (wrong.isEmpty()) {
                return read;
            }
        } catch (InvalidSettingsException e) {
            wrong.addAll(e.problems());
        }
        throw new InvalidSettingsException(wrong);
    }

    private @Nullable String optional(String name) {
        Object value = settings.get(name);
        return value == null || value.toString().isBlank() ? null : value.toString();
    }

    private String text(String name, String otherwise) {
        String value = optional(name);
        return value == null ? otherwise : value;
    }

    private Set<String> list(String name) {
        Object value = settings.get(name);
        Stream<String> parts;
        if (value == null) {
            return Set.of();
        } else if (value instanceof Collection<?> several) {
            parts = several.stream().map(String::valueOf);
        } else {
            parts = Stream.of(value.toString().split(",", -1));
        }
        return parts.map(String::strip).filter(part -> !part.isEmpty()).collect(Collectors.toUnmodifiableSet());
    }

    private @Nullable URI address() {
        String value = optional("jwks-url");
        if (value == null) {
            return null;
        }
        try {
            return URI.create(value);
        } catch (IllegalArgumentException e) {
            wrong.add("jwks-url = " + Secrets.hiddenAddress(value) + ": is no address");
            return null;
        }
    }

    private @Nullable SignIn signIn() {
        Object written = settings.get("sign-in");
        return written == null ? null : SignInReader.read(written);
    }

    private Duration skew() {
        String value = text("clock-skew-seconds", "30");
        try {
            return Duration.ofSeconds(Long.parseLong(value));
        } catch (NumberFormatException e) {
            wrong.add("clock-skew-seconds = " + value + ": must be whole seconds, 0 to 300");
            return Duration.ZERO;
        }
    }
}
