package dev.interlock.jdbc;

import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitStoreContract;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SqliteCircuitStoreTest extends CircuitStoreContract {
    @TempDir
    Path folder;

    private Database database;

    @BeforeEach
    void start() {
        database = Database.open(Sqlite.migrated(folder));
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Override
    protected CircuitStore open() {
        return database.circuits();
    }

    @Override
    protected void alter(String name, @Nullable String state) {
        database.connections().write(handle -> {
            handle.execute("PRAGMA ignore_check_constraints = ON"); // a newer version would know the state
            String column = state == null ? "last_state_change_at" : "state";
            int rows = handle.execute(
                    "UPDATE circuit_breaker_state SET " + column + " = ? WHERE agent_id = ?",
                    state == null ? "soon" : state,
                    name);
            handle.execute("PRAGMA ignore_check_constraints = OFF");
            return rows;
        });
    }
}
