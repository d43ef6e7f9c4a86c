package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.ProbeSettings;
import dev.interlock.Treatment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    void reports_all_mistakes_in_the_order_of_their_lines() throws IOException {
        Path file = yaml("""
                colour: red
                window: soon

                slow_call_duration: 5s
                failure_kinds:
                  RATE_LIMITED: MAYBE
                window: 60s
                probe: {needed: 0, needed: 2}
                failure_threshold: 0
                cooldown_ms: x
                """);

        assertThat(mistakes(file))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(":1: colour = red: must be left out"),
                        line -> assertThat(line).startsWith(":6: failure_kinds.RATE_LIMITED = MAYBE: must be one"),
                        line -> assertThat(line).isEqualTo(":7: window: must be given once, but is in line 2 already"),
                        line -> assertThat(line)
                                .isEqualTo(":8: probe.needed: must be given once, but is in line 8 already"),
                        line -> assertThat(line).startsWith(":9: failure_threshold = 0: must be 1 to 1000000"),
                        line -> assertThat(line).startsWith(":10: cooldown_ms = x: must be a whole number"),
                        line -> assertThat(line)
                                .as("what is missing has no line")
                                .startsWith(": slow_call_rate_threshold = none: must be given"));
    }

    @Test
    void a_probe_may_name_the_request_of_a_server_which_is_left_out() throws IOException, ReplayException {
        Path file = yaml("""
                base: upstream+probe
                probe:
                  url: https://api.example.com/v1/models
                  method: POST
                  headers: {Authorization: "Bearer ${secret:PROVIDER}"}
                  body: "{}"
                  expect: [200, 204]
                  timeout: 2s
                  interval: 20s
                """);

        CircuitBreakerConfig upstream = CircuitBreakerConfig.upstreamWithProbe();
        ProbeSettings probe = Objects.requireNonNull(upstream.probe());
        assertThat(PolicyFile.read(file))
                .isEqualTo(upstream.toBuilder()
                        .probe(new ProbeSettings(
                                Duration.ofSeconds(20),
                                probe.needed(),
                                probe.spacing(),
                                probe.realTrialAfter(),
                                probe.suspicion()))
                        .build());
        assertThat(mistakes(yaml("probe:\n  url: 3\n  urls: x\n")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(":2: probe.url = 3: must be an address such as https://"),
                        line -> assertThat(line).startsWith(":3: probe.urls = x: must be"));
    }

    /** Columns: the file, with \\n and \\t; the line that is named; its text. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cooldown: 5s\\nwindow: [1                     | 2 | window: [1",
                "cooldown: 5s\\nwindow: \"5s\\nprobe: null\\n     | 2 | window: \"5s",
                "cooldown: 5s\\n\\twindow: 3\\n               | 2 | \\u0009window: 3",
                "cooldown: 5s\\n  window: 3\\ncooldown: 6s\\n  | 2 | `  window: 3`",
                "cooldown: 5s\\nwindow: @x\\nprobe: null\\n    | 2 | window: @x",
                "cooldown: 5s\\nwin\\u0001dow: 3\\n            | 2 | win\\u0001dow: 3",
                "cooldown: 5s\\n? [a]\\n: 3\\n                  | 2 | ? [a]",
            })
    void shows_the_line_that_is_no_yaml_and_says_nothing_of_the_parser(String text, int line, String shown)
            throws IOException {
        Path file = yaml(text.replace("\\n", "\n").replace("\\t", "\t").replace("\\u0001", "\u0001"));

        assertThat(mistakes(file))
                .containsExactly(":" + line + ": line = '" + shown + "': must be YAML, settings by name, such as"
                        + " failure_threshold: 3, indented by spaces, with all quotes and brackets closed");
    }

    @Test
    void says_of_what_is_no_policy_what_one_is() throws IOException {
        assertThat(mistakes(yaml("- cooldown\n")))
                .containsExactly(":1: is no policy: must hold settings by name, such as failure_threshold: 3");
        assertThat(mistakes(yaml("~\n")))
                .containsExactly(":1: is no policy: must hold settings by name, such as failure_threshold: 3");
        assertThat(mistakes(yaml("# nothing\n")))
                .containsExactly(": is empty: must hold settings by name, such as failure_threshold: 3");
        assertThat(mistakes(yaml("a: " + "[".repeat(2_000))))
                .containsExactly(": is no YAML: must hold settings by name, such as failure_threshold: 3");
        assertThat(mistakes(folder)).containsExactly(": is a folder: must be a YAML file");
        assertThat(mistakes(Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', (byte) 0xe9})))
                .containsExactly(": cannot be read: must be a YAML file in UTF-8");
    }

    @Test
    void knows_nine_policies_by_name_and_each_says_what_it_is() throws ReplayException {
        for (String name : new String[] {
            "default",
            "recommended",
            "recommended+probe",
            "upstream",
            "upstream+probe",
            "attempts",
            "resilience4j",
            "litellm",
            "litellm-count"
        }) {
            assertThat(Policies.find(name)).as(name).isNotNull();
            assertThat(Policies.describe()).as(name).anyMatch(line -> line.startsWith(name + " "));
        }
        assertThat(Policies.describe()).hasSize(9).allMatch(line -> line.length() <= 98);
        assertThat(Policies.find("nonsense")).isNull();
    }

    /** Each line of the message, without the file's name before it. */
    private static List<String> mistakes(Path file) {
        String message = catchThrowableOfType(ReplayException.class, () -> PolicyFile.read(file))
                .getMessage();
        assertThat(message.lines()).allMatch(line -> line.startsWith(file.toString()));
        return message.lines()
                .map(line -> line.substring(file.toString().length()))
                .toList();
    }

    private Path yaml(String text) throws IOException {
        return Files.writeString(folder.resolve("policy.yaml"), text);
    }
}
