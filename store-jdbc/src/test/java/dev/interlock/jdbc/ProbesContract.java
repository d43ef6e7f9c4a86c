package dev.interlock.jdbc;

import dev.interlock.store.ProbeStore;
import dev.interlock.store.ProbeStoreContract;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Trust in probes in a database. */
abstract class ProbesContract extends ProbeStoreContract {
    private Database database;

    abstract DatabaseSettings settings();

    @BeforeEach
    void start() {
        database = Database.open(settings());
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Override
    protected ProbeStore open() {
        return Objects.requireNonNull(database.circuits().probes());
    }
}
