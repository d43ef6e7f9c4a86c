package dev.interlock.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {

    @TempDir
    private Path folder;

    @Test
    void has_the_defaults_of_the_design() {
        Config config = Config.read(Map.of(), Map.of(), null);
        assertThat(config.get(Settings.PORT)).isEqualTo(8080);
        assertThat(config.get(Settings.DATA_DIR)).isEqualTo(Path.of("./data"));
        assertThat(config.host()).isEqualTo("127.0.0.1");
        assertThat(config.isTls()).isFalse();
        assertThat(config.find(Settings.ADMIN_KEY)).isNull();
    }

    @Test
    void a_flag_goes_before_the_environment_that_before_the_file_that_before_the_default() throws IOException {
        Path file = file("port: 1\nmax-circuits: 2\nlog-level: warn\n");
        Map<String, String> environment = Map.of("INTERLOCK_PORT", "3", "INTERLOCK_MAX_CIRCUITS", "4", "PATH", "/bin");
        Config config = Config.read(Map.of("port", "5"), environment, file);
        assertThat(config.get(Settings.PORT)).isEqualTo(5);
        assertThat(config.get(Settings.MAX_CIRCUITS)).isEqualTo(4);
        assertThat(config.get(Settings.LOG_LEVEL)).isEqualTo(LogLevel.WARN);
        assertThat(config.get(Settings.SHUTDOWN_GRACE)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void with_tls_it_listens_everywhere_by_default() {
        Map<String, String> tls = Map.of("tls-cert", "cert.pem", "tls-key", "key.pem");
        assertThat(Config.read(tls, Map.of(), null).host()).isEqualTo("0.0.0.0");
        assertThat(Config.read(tls, Map.of("INTERLOCK_HOST", "10.0.0.1"), null).host())
                .isEqualTo("10.0.0.1");
    }

    @Test
    void reports_all_mistakes_at_once_each_with_its_place_its_value_and_what_is_right() throws IOException {
        Path file = file("# settings\nporrt: 1\nlog-format: xml\n");
        List<String> problems = problems(
                Map.of("port", "70000", "tls-cert", "cert.pem"),
                Map.of("INTERLOCK_SHUTDOWN_GRACE", "soon", "INTERLOCK_DATA_DIRR", "x"),
                file);
        assertThat(problems)
                .containsExactlyInAnyOrder(
                        file + ", line 2: there is no setting 'porrt'; did you mean 'port'?",
                        file + ", line 3: log-format = 'xml': must be one of text, json",
                        "--port = '70000': must be a whole number, 0 to 65535",
                        "INTERLOCK_SHUTDOWN_GRACE = 'soon': must be a duration with its unit, such as 500ms, 10s or 2m,"
                                + " 0s to 600s",
                        "there is no variable INTERLOCK_DATA_DIRR; did you mean 'INTERLOCK_DATA_DIR'?",
                        "tls-key is missing: tls-cert and tls-key belong together");
    }

    @Test
    void never_shows_a_secret() throws IOException {
        Path file = file("database-password: [hunter2]\njwt-issuers: [{secret: hunter2}]\n");
        assertThat(String.join("\n", problems(Map.of("admin-key", "hunter2"), Map.of(), file)))
                .contains("jwt-issuers")
                .doesNotContain("hunter2");
        Config config = Config.read(Map.of("admin-key", "hunter2-hunter2"), Map.of(), null);
        assertThat(config.toString()).doesNotContain("hunter2");
        assertThat(config.security().toString()).doesNotContain("hunter2");
        assertThat(String.join("\n", problems(Map.of("database-url", "postgresql://u:hunter2@h/d"), Map.of(), null)))
                .contains("jdbc:postgresql:")
                .doesNotContain("hunter2");
    }

    @Test
    void a_file_that_is_no_yaml_or_no_map_or_not_there_is_reported() throws IOException {
        assertThat(problems(Map.of(), Map.of(), file("port: [\n")))
                .singleElement()
                .asString()
                .contains("is no YAML");
        assertThat(problems(Map.of(), Map.of(), file("- port\n")))
                .singleElement()
                .asString()
                .contains("must be a map");
        assertThat(problems(Map.of(), Map.of(), folder.resolve("missing.yaml")))
                .singleElement()
                .asString()
                .contains("there is no such file");
        assertThat(Config.read(Map.of(), Map.of(), file("")).get(Settings.PORT)).isEqualTo(8080);
    }

    @Test
    void a_map_and_a_dot_are_other_ways_to_write_a_name() throws IOException {
        for (String text : List.of("health-opens: never", "health.opens: never", "health:\n  opens: never\n")) {
            assertThat(Config.read(Map.of(), Map.of(), file(text))
                            .get(Settings.HEALTH_OPENS)
                            .toString())
                    .isEqualToIgnoringCase("never");
        }
        assertThat(problems(Map.of(), Map.of(), file("health:\n  open: never\n")))
                .singleElement()
                .asString()
                .contains("line 2", "'health-open'", "health-opens");
        assertThat(problems(Map.of(), Map.of(), file("health-opens: never\nhealth:\n  opens: never\n")))
                .singleElement()
                .asString()
                .contains("twice");
    }

    @Test
    void a_name_that_is_there_twice_is_reported() throws IOException {
        assertThat(problems(Map.of(), Map.of(), file("port: 1\nport: 2\n"))).isNotEmpty();
    }

    @Test
    void reads_issuers_from_the_file_and_reports_their_mistakes() throws IOException {
        Config config = Config.read(
                Map.of(),
                Map.of(),
                file("jwt-issuers:\n  - issuer: https://id.example\n    audience: interlock\n"
                        + "    jwks-url: https://id.example/keys\n"));
        assertThat(config.get(Settings.JWT_ISSUERS)).hasSize(1);
        assertThat(problems(Map.of(), Map.of(), file("jwt-issuers:\n  - isuer: x\n")))
                .singleElement()
                .asString()
                .contains("issuer 1: isuer");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("interlock.yaml"), text);
    }

    private static List<String> problems(Map<String, String> flags, Map<String, String> environment, Path file) {
        return catchThrowableOfType(ConfigException.class, () -> Config.read(flags, environment, file))
                .problems();
    }
}
