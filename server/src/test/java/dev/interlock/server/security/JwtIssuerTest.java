package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.InvalidSettingsException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JwtIssuerTest {
    private static final String SECRET = "a shared secret that is longer than thirty-two bytes";

    @Test
    void an_issuer_is_read_from_names_and_values() {
        JwtIssuer read = JwtIssuer.from(Map.of(
                "issuer", "https://idp.example",
                "jwks-url", "https://idp.example/jwks.json",
                "audience", "interlock",
                "algorithms", "RS256, ES384",
                "organizations", List.of("acme", "globex"),
                "clock-skew-seconds", 10));

        assertThat(read.jwksUrl()).isEqualTo(URI.create("https://idp.example/jwks.json"));
        assertThat(read.algorithms()).isEqualTo(Set.of("RS256", "ES384"));
        assertThat(read.organizations()).isEqualTo(Set.of("acme", "globex"));
        assertThat(read.clockSkew()).isEqualTo(Duration.ofSeconds(10));
        assertThat(read.organizationClaim()).isEqualTo("organization_id");
        assertThat(read.roleClaim()).isEqualTo("role");
    }

    @Test
    void the_algorithms_follow_from_the_keys_by_default() {
        assertThat(JwtIssuer.ofSecret("x", SECRET, "y").algorithms()).isEqualTo(Set.of("HS256"));
        assertThat(JwtIssuer.ofJwks("x", URI.create("https://x.example/"), "y").algorithms())
                .isEqualTo(Set.of("RS256", "ES256"));
        assertThat(JwtIssuer.from(Map.of("issuer", "x", "secret", SECRET, "audience", "y")))
                .isEqualTo(JwtIssuer.ofSecret("x", SECRET, "y"));
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource({
        "algorithms, none, algorithms = none: with a JWKS must be among",
        "algorithms, HS256, algorithms = HS256: with a JWKS must be among",
        "algorithms, rs256, algorithms = rs256: with a JWKS must be among",
        "jwks-url, http://idp.example/jwks, must be an https address",
        "jwks-url, https://user:pass@idp.example/jwks, must be an https address",
        "jwks-url, file:///etc/passwd, must be an https address",
        "jwks-url, ' not an address', is no address",
        "secret, 0123456789012345678901234567890123456789, exactly one of them",
        "audience, ' ', audience: must be",
        "issuer, ' ', issuer: must be",
        "clock-skew-seconds, 301, must be 0 to 5 min",
        "clock-skew-seconds, soon, must be whole seconds",
        "algoritms, RS256, algoritms: no setting of a JWT issuer"
    })
    void what_cannot_be_is_refused_by_name(String name, String value, String message) {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "issuer", "https://idp.example", "jwks-url", "https://idp.example/jwks.json", "audience", "interlock"));
        settings.put(name, value);

        assertThatThrownBy(() -> JwtIssuer.from(settings))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining(message);
    }

    @Test
    void a_secret_takes_hmacs_only_is_long_enough_and_is_never_shown() {
        for (String algorithm : List.of("RS256", "none", "ES256")) {
            assertThatThrownBy(() -> JwtIssuer.from(
                            Map.of("issuer", "x", "secret", SECRET, "audience", "y", "algorithms", algorithm)))
                    .isInstanceOf(InvalidSettingsException.class)
                    .hasMessageNotContaining(SECRET);
        }
        assertThatThrownBy(() -> JwtIssuer.ofSecret("x", "short but secret", "y"))
                .hasMessageContaining("at least 32 bytes for HS256")
                .hasMessageNotContaining("short but secret");
        assertThatThrownBy(() ->
                        JwtIssuer.from(Map.of("issuer", "x", "secret", SECRET, "audience", "y", "algorithms", "HS512")))
                .hasMessageContaining("at least 64 bytes for HS512");
        assertThat(JwtIssuer.ofSecret("x", SECRET, "y")).asString().doesNotContain(SECRET);
    }
}
