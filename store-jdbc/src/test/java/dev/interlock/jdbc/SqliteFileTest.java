package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.StoreUnavailableException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that others could read, that were damaged or emptied, that an earlier or later release or another has. */
class SqliteFileTest {
    private static final Author ADA = new Author("ada", Instant.parse("2026-01-01T12:00:00Z"));
    private static final String NAME = "interlock.db";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve(NAME);
    }

    @Test
    void allFilesBelongToTheirOwnerFromTheFirstMomentOn() throws IOException {
        try (Database open = open()) {
            open.policies().put("acme", "a", "{}", ADA, shown -> shown);
            for (String each : List.of("", "-wal", "-shm", ".lock")) {
                assertThat(mode(each)).as(each).isEqualTo("rw-------");
            }
        }
    }

    @Test
    void filesOfAnEarlierReleaseAreTightened() throws IOException {
        crashed();
        for (String each : List.of("", "-wal", "-shm", ".lock")) {
            Files.setPosixFilePermissions(file(each), PosixFilePermissions.fromString("rw-r--r--"));
        }
        try (Database open = open()) {
            for (String each : List.of("", "-wal", "-shm", ".lock")) {
                assertThat(mode(each)).as(each).isEqualTo("rw-------");
            }
            assertThat(open.policies().all()).hasSize(20);
        }
    }

    @Test
    void aSecondServerIsRefusedAlsoWithoutTheLocksFile() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        "jdbc:sqlite:" + file)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said = other.inputReader()) {
            assertThat(said.readLine()).startsWith("life");
            for (int i = 0; i < 3; i++) {
                Files.deleteIfExists(file(".lock"));
                assertThatThrownBy(this::open)
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("is in use by another server");
            }
            assertThat(other.isAlive()).isTrue();
            assertThat(said.readLine()).as("it goes on").isNotNull();
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThatCode(() -> open().close()).doesNotThrowAnyException();
    }

    @Test
    void anEmptiedOrMissingFileIsRefusedWithAWayOut() throws IOException {
        open().close();
        Files.write(file, new byte[0]);
        refused("is empty or gone", "begin with an empty one, move .lock away");
        Files.delete(file);
        refused("is empty or gone");
        Files.delete(file(".lock"));
        assertThatCode(() -> open().close()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gone", "emptied", "header", "zeroed header"})
    void aWriteAheadLogThatIsNotThereAsItWasIsRefused(String how) throws IOException {
        crashed();
        switch (how) {
            case "gone" -> Files.delete(file("-wal"));
            case "emptied" -> Files.write(file("-wal"), new byte[0]);
            case "header" -> flip(file("-wal"), 9);
            default -> overwrite(file("-wal"), 0, new byte[32]);
        }
        refused("write-ahead log", "move -wal, -shm and .lock away");
        refused("write-ahead log");
        Files.deleteIfExists(file("-wal"));
        Files.deleteIfExists(file("-shm"));
        Files.delete(file(".lock"));
        assertThatCode(() -> open().close()).as("the way out").doesNotThrowAnyException();
    }

    @Test
    @Tag("heavy")
    void aDamageInAnyTransactionButTheLastIsRefusedAndATransactionThatACrashCutOffIsNot() throws IOException {
        crashed();
        byte[] whole = Files.readAllBytes(file("-wal"));
        byte[] database = Files.readAllBytes(file);
        byte[] note = Files.readAllBytes(file(".lock"));
        int page = ByteBuffer.wrap(whole).getInt(8);
        List<Integer> commits = new ArrayList<>();
        for (int at = 32; at + 24 + page <= whole.length; at += 24 + page) {
            if (ByteBuffer.wrap(whole).getInt(at + 4) != 0) {
                commits.add(at);
            }
        }
        int lastBegins = commits.get(commits.size() - 2) + 24 + page;
        assertThat(commits).hasSizeGreaterThan(20);
        int tried = 0;
        for (int at = 32; at + 24 + page <= whole.length; at += (24 + page) * 7) {
            for (int offset : new int[] {16, 24 + page / 2}) {
                put(database, whole, note);
                flip(file("-wal"), at + offset);
                tried++;
                if (at < lastBegins - 24 - page) {
                    refused("damaged in the middle");
                }
            }
        }
        assertThat(tried).isGreaterThan(10);
        for (int length : new int[] {lastBegins, lastBegins + 10, lastBegins + 24 + page / 2, whole.length - 1}) {
            put(database, java.util.Arrays.copyOf(whole, length), note);
            try (Database open = open()) {
                assertThat(open.policies().all()).as("cut at " + length).hasSizeGreaterThanOrEqualTo(19);
            }
        }
        put(database, whole, note);
        flip(file("-wal"), lastBegins + 24 + page / 2);
        try (Database open = open()) {
            assertThat(open.policies().all()).as("as after a crash").hasSize(19);
        }
    }

    @Test
    @Tag("heavy")
    @Tag("thorough")
    void aDamagedTableIsRefused() throws IOException {
        try (Database open = open()) {
            for (int i = 0; i < 500; i++) {
                open.policies().put("acme", "agent-" + i, "{\"a\":\"" + "x".repeat(200) + "\"}", ADA, shown -> shown);
            }
        }
        long size = Files.size(file);
        byte[] whole = Files.readAllBytes(file);
        int found = 0;
        for (long at = 4096; at < size; at += 4096) {
            Files.write(file, whole);
            overwrite(file, at, new byte[4096]);
            try {
                open().close();
            } catch (StoreUnavailableException refused) {
                assertThat(refused).hasMessageContaining("is not used").hasMessageContaining("Restore a backup");
                found++;
            }
            Files.deleteIfExists(file("-wal"));
        }
        assertThat(found).as("of " + size / 4096 + " pages").isGreaterThan(25);
        Files.write(file, whole);
        flip(file, 3);
        refused("is damaged");
    }

    @Test
    void anOlderCopyIsRefusedUntilSomebodySaysSo() throws IOException {
        open().close();
        byte[] backup = Files.readAllBytes(file);
        open().close();
        open().close();
        Files.write(file, backup);
        refused("it is older than what was last used here", "go on with the older copy, move .lock away");
        Files.delete(file(".lock"));
        assertThatCode(() -> open().close()).doesNotThrowAnyException();
    }

    @Test
    void aNewerReleasesTablesAreUsedUnlessItSaysThatTheyCannotBe() throws IOException {
        try (Database open = open()) {
            future(open, 98, "more figures");
        }
        try (Database open = open()) {
            assertThat(open.policies().all()).isEmpty();
            future(open, 99, "incompatible states");
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("version 99")
                .hasMessageContaining("Use that release");
    }

    @Test
    void aFolderIsTightenedUnlessItHoldsOtherThings() throws IOException {
        Path fresh = folder.resolve("a/b");
        assertThat(OwnerOnly.folder(fresh, name -> name.startsWith("x"))).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                .isEqualTo("rwx------");
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path secret = Files.createFile(fresh.resolve("x1"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(fresh.resolve("x2"), Files.createFile(folder.resolve("elsewhere")));
        Files.setPosixFilePermissions(folder.resolve("elsewhere"), PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(OwnerOnly.folder(fresh, name -> name.startsWith("x")))
                .hasSize(2)
                .allMatch(warning -> warning.contains("could be read by others"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(link)))
                .as("what a link leads to is another's")
                .isEqualTo("rw-r--r--");

        Files.createFile(fresh.resolve("letter.txt"));
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(OwnerOnly.folder(fresh, name -> name.startsWith("x")))
                .singleElement()
                .asString()
                .contains("stays as it is");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void aFileSystemWithoutOwnersPermissionsIsUsedAndSaid() throws IOException {
        URI zip = URI.create("jar:" + folder.resolve("some.zip").toUri());
        try (FileSystem other = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path data = other.getPath("/data");
            assertThat(OwnerOnly.folder(data, name -> true))
                    .singleElement()
                    .asString()
                    .contains("knows no owner's permissions");
            OwnerOnly.create(data.resolve("x"));
            assertThat(Files.exists(data.resolve("x"))).isTrue();
            assertThat(OwnerOnly.tighten(data.resolve("x"))).isNull();
        }
    }

    /** A database as a crash leaves it: its log is not in the file. Twenty policies, a transaction each. */
    private void crashed() throws IOException {
        Path alive = Files.createDirectory(folder.resolve("alive"));
        try (Database open = Database.open(DatabaseSettings.sqlite(alive.resolve(NAME)))) {
            for (int i = 0; i < 20; i++) {
                open.policies().put("acme", "agent-" + i, "{}", ADA, shown -> shown);
            }
            try (Stream<Path> files = Files.list(alive)) {
                for (Path each : files.toList()) {
                    Files.copy(each, folder.resolve(each.getFileName().toString()));
                }
            }
        }
    }

    private void put(byte[] database, byte[] log, byte[] note) throws IOException {
        Files.deleteIfExists(file("-shm"));
        Files.write(file, database);
        Files.write(file("-wal"), log);
        Files.write(file(".lock"), note);
    }

    private static void future(Database open, int version, String description) {
        open.connections()
                .write(handle -> handle.createUpdate("""
                        INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,
                            checksum, installed_by, execution_time, success)
                        VALUES (:version, :version, :description, 'SQL', 'V.sql', 1, 'x', 1, 1)
                        """)
                        .bind("version", version)
                        .bind("description", description)
                        .execute());
    }

    private void refused(String... words) {
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContainingAll(words)
                .hasMessageContaining("Restore a backup");
    }

    private Database open() {
        return Database.open(DatabaseSettings.sqlite(file));
    }

    private Path file(String ending) {
        return folder.resolve(NAME + ending);
    }

    private String mode(String ending) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file(ending)));
    }

    private static void flip(Path of, int at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(of.toFile(), "rw")) {
            bytes.seek(at);
            int before = bytes.read();
            bytes.seek(at);
            bytes.write(before ^ 0x55);
        }
    }

    private static void overwrite(Path of, long at, byte[] with) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(of.toFile(), "rw")) {
            bytes.seek(at);
            bytes.write(with);
        }
    }
}
