package dev.interlock.jdbc;

import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitStoreContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class PostgresCircuitStoreTest extends CircuitStoreContract {
    private Database database;

    @BeforeEach
    void start() {
        database = Database.open(Postgres.migrated());
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Override
    protected CircuitStore open() {
        return database.circuits();
    }

    /** As a newer version's migration might leave it. */
    @Override
    protected void alter(String name, @Nullable String state) {
        database.connections().write(handle -> {
            if (state == null) {
                handle.execute("ALTER TABLE circuit_breaker_state ALTER COLUMN policy DROP NOT NULL");
                return handle.execute("UPDATE circuit_breaker_state SET policy = NULL WHERE agent_id = ?", name);
            }
            handle.execute("ALTER TABLE circuit_breaker_state DROP CONSTRAINT circuit_breaker_state_state_check");
            return handle.execute("UPDATE circuit_breaker_state SET state = ? WHERE agent_id = ?", state, name);
        });
    }
}
