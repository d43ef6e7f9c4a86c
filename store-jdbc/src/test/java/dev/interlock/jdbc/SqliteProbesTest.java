package dev.interlock.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteProbesTest extends ProbesContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings settings() {
        return Sqlite.migrated(folder);
    }
}
