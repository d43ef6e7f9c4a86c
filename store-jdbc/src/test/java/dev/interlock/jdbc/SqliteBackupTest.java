package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup that is taken while circuits move, and what a restored database promises. */
class SqliteBackupTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void what_was_acknowledged_before_a_backup_is_in_it_and_no_epoch_of_after_comes_again() throws Exception {
        Path database = folder.resolve("interlock.db");
        Path copy = folder.resolve("backup.db");
        int[] acknowledged = new int[1];
        long highest = 0;
        try (Life life = new Life(database)) {
            AtomicInteger opened = new AtomicInteger();
            AtomicReference<Throwable> failed = new AtomicReference<>();
            Thread load = new Thread(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    try {
                        life.open(opened.get());
                        opened.incrementAndGet();
                    } catch (Throwable thrown) {
                        failed.set(thrown);
                        return;
                    }
                }
            });
            load.start();
            org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> opened.get() > 50);
            acknowledged[0] = opened.get();
            SqliteBackup.backup(database, copy);
            load.interrupt();
            load.join();
            if (failed.get() != null && !(failed.get() instanceof InterruptedException)) {
                assertThat(opened.get()).as(String.valueOf(failed.get())).isGreaterThan(50);
            }
        }
        for (int lives = 0; lives < 3; lives++) { // of which the backup knows nothing
            try (Life later = new Life(database)) {
                later.open(1_000_000 + lives);
                highest = Math.max(highest, later.highestEpoch());
            }
        }

        assertThat(SqliteBackup.restore(copy, database)).isNotEmpty();
        try (Life restored = new Life(database)) {
            for (int i = 0; i < acknowledged[0]; i++) {
                assertThat(restored.state(i))
                        .as("acknowledged before the backup")
                        .isEqualTo(CircuitState.OPEN);
            }
            assertThat(restored.state(1_000_000)).as("of after the backup").isEqualTo(CircuitState.CLOSED);
            restored.open(2_000_000);
            assertThat(restored.epoch(2_000_000)).isGreaterThan(highest);
        }
        assertThat(new Life(database).closed()).as("and it starts again").isTrue();
    }

    @Test
    void where_the_database_is_lost_epochs_rise_all_the_same() throws Exception {
        Path database = folder.resolve("interlock.db");
        try (Life life = new Life(database)) {
            life.open(1);
        }
        Path copy = folder.resolve("backup.db");
        SqliteBackup.backup(database, copy);
        long highest = 0;
        for (int lives = 0; lives < 5; lives++) {
            try (Life later = new Life(database)) {
                later.open(10 + lives);
                highest = Math.max(highest, later.highestEpoch());
            }
        }
        Path other = Files.createDirectory(folder.resolve("other")).resolve("interlock.db");
        assertThat(SqliteBackup.restore(copy, other)).isEmpty();
        try (Life restored = new Life(other)) {
            assertThat(restored.state(1)).isEqualTo(CircuitState.OPEN);
            restored.open(3);
            assertThat(restored.epoch(3)).isGreaterThan(highest);
        }
    }

    @Test
    void a_backup_is_its_owners_alone_and_takes_the_place_of_no_other() throws Exception {
        Path database = folder.resolve("interlock.db");
        new Life(database).close();
        Path copy = folder.resolve("backup.db");
        SqliteBackup.backup(database, copy);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> SqliteBackup.backup(database, copy))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is there already");
        assertThatThrownBy(() -> SqliteBackup.backup(folder.resolve("none.db"), folder.resolve("x")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("There is no database");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void a_database_in_use_is_not_replaced_and_a_bad_backup_changes_nothing() throws Exception {
        Path database = folder.resolve("interlock.db");
        Path copy = folder.resolve("backup.db");
        Path bad =
                Files.writeString(folder.resolve("bad.db"), "no database at all, but long enough to look at it twice");
        try (Life life = new Life(database)) {
            life.open(1);
            SqliteBackup.backup(database, copy);
            assertThatThrownBy(() -> SqliteBackup.restore(copy, database))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("in use");
        }
        assertThatThrownBy(() -> SqliteBackup.restore(bad, database))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no database of Interlock");
        try (Life life = new Life(database)) {
            assertThat(life.state(1)).isEqualTo(CircuitState.OPEN);
        }
    }

    /** A process that was killed left what it stored last in the write-ahead log: a backup reads it and leaves it there. */
    @Test
    void a_backup_after_a_crash_leaves_the_database_as_it_found_it() throws Exception {
        Path database = folder.resolve("interlock.db");
        Path crashed = Files.createDirectory(folder.resolve("crashed"));
        try (Life life = new Life(database)) {
            life.open(7);
            for (String part : List.of("", "-wal", ".lock")) {
                Files.copy(Path.of(database + part), crashed.resolve("interlock.db" + part));
            }
        }
        Path copy = folder.resolve("backup.db");
        SqliteBackup.backup(crashed.resolve("interlock.db"), copy);
        try (Life life = new Life(crashed.resolve("interlock.db"))) {
            assertThat(life.state(7)).isEqualTo(CircuitState.OPEN);
        }
        Path other = Files.createDirectory(folder.resolve("other")).resolve("interlock.db");
        SqliteBackup.restore(copy, other);
        try (Life life = new Life(other)) {
            assertThat(life.state(7)).isEqualTo(CircuitState.OPEN);
        }
    }

    /** A process on a database. */
    private static final class Life implements AutoCloseable {
        private final Database database;
        private final CircuitBreakerManager circuits;
        private boolean closed;

        Life(Path file) {
            database = Database.open(DatabaseSettings.sqlite(file));
            circuits =
                    CircuitBreakerManager.builder().store(database.circuits()).build();
        }

        /** Orders an override and waits until it is durable. */
        void open(int agent) throws Exception {
            circuits.override(id(agent), ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));
            assertThat(circuits.stored(id(agent)).toCompletableFuture().get()).isTrue();
        }

        CircuitState state(int agent) {
            return circuits.snapshot(id(agent)).state();
        }

        long epoch(int agent) {
            return circuits.snapshot(id(agent)).epoch();
        }

        long highestEpoch() {
            return circuits.snapshots().mapToLong(each -> each.epoch()).max().orElseThrow();
        }

        private static CircuitId id(int agent) {
            return CircuitId.of("agent-" + agent);
        }

        boolean closed() {
            close();
            return closed;
        }

        @Override
        public void close() {
            circuits.close();
            database.close();
            closed = true;
        }
    }
}
