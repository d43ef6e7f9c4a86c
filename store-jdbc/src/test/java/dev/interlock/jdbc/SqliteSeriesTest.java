package dev.interlock.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteSeriesTest extends SeriesContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings settings() {
        return Sqlite.migrated(folder);
    }
}
