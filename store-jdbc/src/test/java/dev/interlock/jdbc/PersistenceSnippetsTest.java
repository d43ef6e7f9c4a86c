package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java blocks of docs/persistence.md. */
class PersistenceSnippetsTest {
    @TempDir
    Path folder;

    @Test
    void a_manager_with_a_database() {
        // tag::persistence[]
        Database database = Database.open(DatabaseSettings.sqlite(folder.resolve("interlock.db")));
        CircuitBreakerManager circuits =
                CircuitBreakerManager.builder().store(database.circuits()).build();
        // end::persistence[]
        try (database;
                circuits) {
            circuits.override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.OPEN, "anna"));
            assertThat(circuits.flush(Duration.ofSeconds(30))).isTrue();
            assertThat(database.circuits().find("default", "planner")).isNotNull();
        }
    }
}
