package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteKillTest extends KillContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings empty() {
        return DatabaseSettings.sqlite(folder.resolve("interlock.db"));
    }

    @Override
    void check(Database database) {
        String found = database.connections()
                .write(handle -> handle.createQuery("PRAGMA integrity_check")
                        .mapTo(String.class)
                        .one());
        assertThat(found).isEqualTo("ok");
    }
}
