package dev.interlock.server.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.InvalidSettingsException;
import dev.interlock.server.text.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundSecretsTest {
    private static final Target THERE = Target.of("https://api.example.com/");
    private static final SecretSource KEY =
            new SecretSource("KEY", "PROVIDER_KEY", null, Set.of("acme"), Set.of("api.example.com", "127.0.0.1"));

    private final Map<String, String> environment = new HashMap<>(Map.of("PROVIDER_KEY", "sk-$1-a-secret-value"));

    @Test
    void a_secret_is_filled_in_for_its_organization_and_its_host() {
        try (OutboundSecrets secrets = secrets(KEY)) {
            assertThat(secrets.problem("Bearer ${secret:KEY}", "acme", THERE)).isNull();
            assertThat(secrets.fill("Bearer ${secret:KEY}, ${secret:KEY}, ${other:KEY} $1", "acme", THERE))
                    .isEqualTo("Bearer sk-$1-a-secret-value, sk-$1-a-secret-value, ${other:KEY} $1");
        }
    }

    @Test
    void it_goes_nowhere_else() {
        try (OutboundSecrets secrets = secrets(KEY)) {
            for (String url :
                    List.of("https://evil.test/", "https://api.example.com.evil.test/", "https://example.com/")) {
                assertThat(secrets.problem("${secret:KEY}", "acme", Target.of(url)))
                        .startsWith("the secret 'KEY' does not go to the host ");
                assertThatThrownBy(() -> secrets.fill("${secret:KEY}", "acme", Target.of(url)))
                        .isInstanceOf(OutboundException.class)
                        .hasMessageNotContaining("sk-");
            }
            assertThat(secrets.problem("${secret:KEY}", "acme", Target.of("http://api.example.com/")))
                    .isEqualTo("the secret 'KEY' goes over https only (over http to this machine alone)");
            assertThat(secrets.problem("${secret:KEY}", "acme", Target.of("http://127.0.0.1:9000/")))
                    .isNull();
        }
    }

    @Test
    void another_organizations_secret_is_answered_as_one_that_is_not_there() {
        try (OutboundSecrets secrets = secrets(KEY)) {
            String foreign = secrets.problem("${secret:KEY}", "others", THERE);
            String unknown = secrets.problem("${secret:YEK}", "others", THERE);
            assertThat(foreign).startsWith("there is no secret 'KEY' for this organization");
            assertThat(unknown).isEqualTo(String.valueOf(foreign).replace("KEY", "YEK"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "${secret:}",
                "${secret:KEY",
                "${secret:A B}",
                "${secret:KEY}${secret:",
                "${secret:../x}",
                "${secret:${secret:KEY}}"
            })
    void nothing_but_a_name_resolves(String text) {
        try (OutboundSecrets secrets = secrets(KEY)) {
            assertThat(secrets.problem(text, "acme", THERE))
                    .isEqualTo("a reference to a secret is written ${secret:NAME}");
            assertThatThrownBy(() -> secrets.fill(text, "acme", THERE)).isInstanceOf(OutboundException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", "a line\r\nX-Admin: yes", "an umlaut ü in it", "a tab\tin it, which is long"})
    void a_value_that_could_do_harm_is_none(String value) {
        environment.put("PROVIDER_KEY", value);
        try (OutboundSecrets secrets = secrets(KEY)) {
            assertThat(secrets.problem("${secret:KEY}", "acme", THERE)).startsWith("the secret 'KEY' has no value");
        }
    }

    @Test
    void a_file_may_come_change_and_go(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("key");
        SecretSource source = new SecretSource("FILE", null, file, Set.of("acme"), Set.of("api.example.com"));
        try (OutboundSecrets secrets = secrets(source)) {
            assertThat(secrets.problem("${secret:FILE}", "acme", THERE)).startsWith("the secret 'FILE' has no value");
            Files.writeString(file, "the-first-value\n");
            secrets.refresh();
            assertThat(secrets.fill("${secret:FILE}", "acme", THERE)).isEqualTo("the-first-value");
            Files.writeString(file, "the-second-value");
            secrets.refresh();
            assertThat(secrets.fill("${secret:FILE}", "acme", THERE)).isEqualTo("the-second-value");
            assertThat(Secrets.hidden("the-first-value the-second-value")).isEqualTo("the-first-value …");
            Files.delete(file);
            secrets.refresh();
            assertThat(secrets.problem("${secret:FILE}", "acme", THERE)).startsWith("the secret 'FILE' has no value");
        }
    }

    @Test
    void values_are_hidden_in_messages_and_logs_as_long_as_the_server_runs() {
        OutboundSecrets secrets = secrets(KEY);
        assertThat(Secrets.hidden("it said sk-$1-a-secret-value")).isEqualTo("it said …");
        secrets.close();
        assertThat(Secrets.hidden("it said sk-$1-a-secret-value")).isEqualTo("it said sk-$1-a-secret-value");
        assertThat(new OutboundRequest(THERE, "GET", Map.of("X", "sk-1"), "sk-1", Duration.ZERO).toString())
                .doesNotContain("sk-1");
    }

    @Test
    void a_list_of_secrets_reports_all_mistakes_at_once() {
        assertThatThrownBy(() -> SecretSource.from(Map.of(
                        "name",
                        "a b",
                        "env",
                        "INTERLOCK_ADMIN_KEY",
                        "file",
                        "/x",
                        "hosts",
                        List.of("http://x"),
                        "value",
                        "sk-1")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContainingAll(
                        "value: no setting of a secret",
                        "name: must be",
                        "exactly one of them",
                        "env: must be the name of a variable that does not begin with INTERLOCK_",
                        "hosts = http://x: must be",
                        "organizations: must name at least one")
                .hasMessageNotContaining("sk-1");
    }

    private OutboundSecrets secrets(SecretSource... sources) {
        return new OutboundSecrets(List.of(sources), environment::get);
    }
}
