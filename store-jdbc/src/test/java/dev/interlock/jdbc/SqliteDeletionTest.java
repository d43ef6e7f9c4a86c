package dev.interlock.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteDeletionTest extends DeletionContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings empty() {
        return Sqlite.migrated(folder);
    }
}
