package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteDatabaseTest extends DatabaseContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings empty() {
        return DatabaseSettings.sqlite(folder.resolve("interlock.db"));
    }

    @Test
    void aFileHasOneServer() {
        assertThatThrownBy(() -> Database.open(empty()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("is in use by another server");
    }

    @Test
    void everyAcknowledgedWriteIsOnTheDisk() {
        Database database = Database.open(DatabaseSettings.sqlite(folder.resolve("another.db")));
        try (database) {
            String journal = database.connections()
                    .write(handle -> handle.createQuery("PRAGMA journal_mode")
                            .mapTo(String.class)
                            .one());
            int synchronous = database.connections()
                    .write(handle -> handle.createQuery("PRAGMA synchronous")
                            .mapTo(Integer.class)
                            .one());
            assertThat(journal).isEqualTo("wal");
            assertThat(synchronous).as("FULL").isEqualTo(2);
        }
    }

    @Test
    void aFolderThatIsNotThereIsSaidSo() {
        Path missing = folder.resolve("missing").resolve("interlock.db");

        assertThatThrownBy(() -> Database.open(DatabaseSettings.sqlite(missing)))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("Is its folder there, and writable?");
    }

    @Test
    void aFileThatIsNoDatabaseIsLeftAlone() throws IOException {
        Path letter = Files.writeString(folder.resolve("letter.txt"), "Dear database, ".repeat(100));

        assertThatThrownBy(() -> Database.open(DatabaseSettings.sqlite(letter)))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("letter.txt");
        assertThat(letter).hasContent("Dear database, ".repeat(100));
    }
}
