package dev.interlock.jdbc;

import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SqliteCircuitStoreTest extends CircuitStoreContract {
    @TempDir
    Path folder;

    private Database database;

    @BeforeEach
    void start() {
        database = Database.open(DatabaseSettings.sqlite(folder.resolve("interlock.db")));
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Override
    protected CircuitStore open() {
        return database.circuits();
    }
}
