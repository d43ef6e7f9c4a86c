package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.monitor.LogStore;
import dev.interlock.monitor.LogStoreContract;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class PostgresLogStoreTest extends LogStoreContract {

    private Database database;
    private JdbcLogStore store;

    @BeforeEach
    void start() {
        database = Database.open(Postgres.migrated());
        store = database.openLog();
    }

    @AfterEach
    void stop() {
        store.close();
        database.close();
    }

    @Override
    protected LogStore open() {
        return store;
    }

    @Override
    protected void settle() {
        assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
    }
}
