package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.jdbc.Postgres;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start with nothing wrong warns of nothing, so that a warning is worth reading. */
class QuietStartTest {
    @TempDir
    Path folder;

    @Test
    void on_a_file_that_is_new_and_on_one_that_is_there() {
        startsQuietly(Map.of());
        startsQuietly(Map.of());
    }

    @Test
    void on_postgresql_that_is_empty_and_on_one_with_tables() {
        Map<String, String> settings = Map.of("database-url", Postgres.empty().url());
        startsQuietly(settings);
        startsQuietly(settings);
    }

    private void startsQuietly(Map<String, String> settings) {
        try (Heard heard = new Heard()) {
            try (RunningServer server = RunningServer.on(folder, settings)) {
                assertThat(server.get("/readyz", "admin@acme").statusCode()).isEqualTo(200);
            }
            assertThat(heard.warnings()).isEmpty();
        }
    }
}
