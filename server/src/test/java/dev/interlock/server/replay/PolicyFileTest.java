package dev.interlock.server.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.Treatment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFileTest {
    @TempDir
    private Path folder;

    @Test
    void reads_settings_on_top_of_a_built_in_policy() throws Exception {
        CircuitBreakerConfig config = PolicyFile.read(yaml("""
                base: upstream   # streak 5
                failure_threshold: 4
                cooldown: 30s
                failure_kinds:
                  RATE_LIMITED: TRIP
                """));

        assertThat(config)
                .isEqualTo(CircuitBreakerConfig.upstream().toBuilder()
                        .failureThreshold(4)
                        .cooldown(Duration.ofSeconds(30))
                        .failureKind(FailureKind.RATE_LIMITED, Treatment.TRIP)
                        .build());
    }

    @Test
    void tells_all_mistakes_with_their_lines() throws IOException {
        Path file = yaml("""
                failure_threshold: 0
                window: soon

                cooldown_ms: x
                colour: red
                failure_kinds:
                  RATE_LIMITED: MAYBE
                """);

        assertThatThrownBy(() -> PolicyFile.read(file))
                .isInstanceOf(ReplayException.class)
                .satisfies(thrown -> assertThat(thrown.getMessage().lines())
                        .hasSize(5)
                        .allMatch(line -> line.startsWith(file + ":"))
                        .anyMatch(line -> line.startsWith(file + ":1: failure_threshold = 0: must be 1 to 1000000"))
                        .anyMatch(line -> line.startsWith(file + ":2: window = soon: must be a duration"))
                        .anyMatch(line -> line.startsWith(file + ":4: cooldown_ms = x: must be a whole number"))
                        .anyMatch(line -> line.startsWith(file + ":5: colour = red: must be left out"))
                        .anyMatch(
                                line -> line.startsWith(file + ":7: failure_kinds.RATE_LIMITED = MAYBE: must be one")));
    }

    @Test
    void says_where_the_yaml_breaks() throws IOException {
        assertThatThrownBy(() -> PolicyFile.read(yaml("cooldown: 5s\nwindow: [1\n")))
                .isInstanceOf(ReplayException.class)
                .hasMessageMatching(".*policy.yaml:\\d+: is no policy: must be settings by name.*");
        assertThatThrownBy(() -> PolicyFile.read(yaml("cooldown: 5s\ncooldown: 6s\n")))
                .hasMessageContaining("policy.yaml:2: ")
                .hasMessageContaining("cooldown");
        assertThatThrownBy(() -> PolicyFile.read(yaml("- cooldown\n")))
                .isInstanceOf(ReplayException.class)
                .hasMessageContaining("must hold settings by name");
        assertThatThrownBy(() -> PolicyFile.read(yaml("~\n"))).hasMessageContaining("must hold settings by name");
        assertThatThrownBy(() -> PolicyFile.read(yaml("# nothing\n")))
                .isInstanceOf(ReplayException.class)
                .hasMessageContaining("is empty");
    }

    @Test
    void knows_five_policies_by_name_and_each_says_what_it_is() throws ReplayException {
        for (String name : new String[] {"default", "recommended", "upstream", "resilience4j", "litellm"}) {
            assertThat(Policies.find(name)).as(name).isNotNull();
            assertThat(Policies.describe()).as(name).anyMatch(line -> line.startsWith(name + " "));
        }
        assertThat(Policies.describe()).hasSize(5).allMatch(line -> line.length() <= 98);
        assertThat(Policies.find("nonsense")).isNull();
    }

    @Test
    void litellm_opens_above_a_half_and_not_at_it() {
        double threshold =
                java.util.Objects.requireNonNull(Policies.builtIn("litellm").failureRateThreshold());

        assertThat(500_000 / 1_000_000.0).isLessThan(threshold);
        assertThat(500_001 / 1_000_000.0).isGreaterThanOrEqualTo(threshold);
    }

    private Path yaml(String text) throws IOException {
        return Files.writeString(folder.resolve("policy.yaml"), text);
    }
}
