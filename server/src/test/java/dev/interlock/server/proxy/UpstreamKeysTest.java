package dev.interlock.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.NamePattern;
import dev.interlock.proxy.Api;
import dev.interlock.proxy.ProxyLimits;
import dev.interlock.proxy.Upstream;
import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.outbound.SecretSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key of an upstream is the one that its secret has now, for the organizations of that secret alone. */
class UpstreamKeysTest {
    @TempDir
    Path folder;

    @Test
    void a_key_that_is_renewed_or_taken_away_counts_so_at_the_next_call() throws IOException {
        Path file = folder.resolve("key");
        Files.writeString(file, "the-first-key");
        SecretSource source = new SecretSource("openai", null, file, Set.of("acme", "other"), Set.of("127.0.0.1"));
        try (OutboundSecrets secrets = new OutboundSecrets(List.of(source), name -> null)) {
            UpstreamKeys keys = new UpstreamKeys(secrets);
            assertThat(keys.of(upstream(), "acme")).isEqualTo("the-first-key");
            assertThat(keys.of(upstream(), "acme")).isEqualTo("the-first-key");

            Files.writeString(file, "the-second-key");
            secrets.refresh();
            assertThat(keys.of(upstream(), "acme")).isEqualTo("the-second-key");

            Files.delete(file);
            secrets.refresh();
            assertThatThrownBy(() -> keys.of(upstream(), "acme")).hasMessageContaining("has no value");
        }
    }

    @Test
    void a_key_that_one_organization_has_used_is_not_anothers() throws IOException {
        Path file = folder.resolve("key");
        Files.writeString(file, "the-only-key");
        SecretSource source = new SecretSource("openai", null, file, Set.of("acme"), Set.of("127.0.0.1"));
        try (OutboundSecrets secrets = new OutboundSecrets(List.of(source), name -> null)) {
            UpstreamKeys keys = new UpstreamKeys(secrets);
            assertThat(keys.of(upstream(), "acme")).isEqualTo("the-only-key");
            assertThatThrownBy(() -> keys.of(upstream(), "other")).hasMessageContaining("there is no secret 'openai'");
        }
    }

    private static Upstream upstream() {
        return new Upstream(
                "openai",
                Api.OPENAI,
                new Upstream.Address(false, "127.0.0.1", 9090, ""),
                "${secret:openai}",
                "authorization",
                "key:openai",
                Set.of("acme", "other"),
                List.of(new NamePattern("*")),
                List.of(new NamePattern("*")),
                List.of("/v1"),
                "",
                false,
                ProxyLimits.defaults(),
                List.of(),
                List.of());
    }
}
