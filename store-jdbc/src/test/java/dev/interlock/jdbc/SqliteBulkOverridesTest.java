package dev.interlock.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteBulkOverridesTest extends BulkOverridesContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings settings() {
        return Sqlite.migrated(folder);
    }
}
