package dev.interlock.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteDeletionTest extends DeletionContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings empty() {
        return DatabaseSettings.sqlite(folder.resolve("interlock.db"));
    }
}
