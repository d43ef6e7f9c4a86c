package dev.interlock.jdbc;

import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitStoreContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class PostgresCircuitStoreTest extends CircuitStoreContract {
    private Database database;

    @BeforeEach
    void start() {
        database = Database.open(Postgres.empty());
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
