package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
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

    /** What waits for the only writer of the file does not wait for all rows that came before it. */
    @Test
    void rowsOfTheLogAreWrittenBehindOthersThatWait() throws Exception {
        try (Database database = Database.open(DatabaseSettings.sqlite(folder.resolve("turns.db")))) {
            Connections connections = database.connections();
            List<String> order = Collections.synchronizedList(new ArrayList<>());
            CompletableFuture<Void> override = new CompletableFuture<>();
            List<Integer> rows = IntStream.range(0, 200).boxed().toList();

            int first = connections.writeBehindOthers(rows, (handle, some) -> {
                if (order.isEmpty()) {
                    new Thread(() -> override.complete(connections.write(handle2 -> {
                                order.add("override");
                                return null;
                            })))
                            .start();
                    Awaitility.await().until(connections::isAwaited);
                }
                order.add("rows");
            });
            int second = connections.writeBehindOthers(rows.subList(first, 200), (handle, some) -> order.add("rows"));
            override.get(30, TimeUnit.SECONDS);

            assertThat(first).isBetween(1, 50);
            assertThat(first + second).isEqualTo(200);
            assertThat(order.subList(0, 2)).containsExactly("rows", "override");
        }
    }

    /** Each thread that brings rows wakes their writer; under a flood that ended each pause at once. */
    @Test
    void whoBringsMoreRowsDoesNotEndThePauseThatLeavesTheFileToOthers() {
        try (Database database = Database.open(DatabaseSettings.sqlite(folder.resolve("pauses.db")))) {
            Connections connections = database.connections();
            connections.write(handle -> null);
            long[] inserted = new long[1];
            long[] spent = new long[1];

            connections.writeBehindOthers(List.of(1), (handle, some) -> {
                long began = System.nanoTime();
                Awaitility.await().pollDelay(Duration.ofMillis(20)).until(() -> true);
                LockSupport.unpark(Thread.currentThread());
                inserted[0] = System.nanoTime();
                spent[0] = inserted[0] - began;
            });

            assertThat(System.nanoTime() - inserted[0]).isGreaterThanOrEqualTo(Math.min(9 * spent[0], 250_000_000));
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
