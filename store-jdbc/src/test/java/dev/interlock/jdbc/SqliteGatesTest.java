package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteGatesTest extends GatesContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings settings() {
        return Sqlite.migrated(folder);
    }

    @Override
    protected boolean canBeHeard() {
        return false;
    }

    @Test
    void a_file_is_one_process_own_so_that_there_are_no_others_to_wait_for() {
        assertThat(open().processes()).isNull();
    }
}
