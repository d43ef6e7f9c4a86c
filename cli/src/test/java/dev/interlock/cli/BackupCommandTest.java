package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;

/** Backups from the command line, of a server that runs, and back again. */
class BackupCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    @Tag("heavy")
    @Tag("thorough")
    void a_running_server_is_copied_and_a_lost_one_restored_with_its_keys() throws Exception {
        Path data = folder.resolve("data");
        Path backup = folder.resolve("backup.db");
        String key;
        ServerProcess server = ServerProcess.start(data);
        try {
            key = server.adminKey();
            assertThat(run(
                            "hold",
                            "planner",
                            "--open",
                            "--reason",
                            "r",
                            "--create",
                            "--url",
                            server.address(),
                            "--key",
                            key))
                    .as(err.toString())
                    .isZero();
            assertThat(run("backup", backup.toString(), "--data-dir", data.toString()))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString()).contains("Copied ");
            assertThat(run("restore", backup.toString(), "--data-dir", data.toString()))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("A server uses the database ", ": stop it, then restore again");
        } finally {
            server.kill();
        }
        Path other = Files.createDirectory(folder.resolve("other"));
        assertThat(run("restore", backup.toString(), "--data-dir", other.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("revoked since the backup are valid again", "#after-a-restore");
        ServerProcess restored = ServerProcess.start(other);
        try {
            assertThat(run("status", "planner", "--url", restored.address(), "--key", key))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString()).contains("held");
        } finally {
            restored.kill();
        }
    }

    @Test
    void what_is_missing_is_named() {
        assertThat(run("backup", folder.resolve("b").toString(), "--data-dir", folder.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("There is no database").doesNotContain("\tat ");
        assertThat(run("restore", folder.resolve("b").toString(), "--data-dir", folder.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("There is no backup");
    }

    @Test
    void a_backup_that_cannot_be_written_is_said_in_words() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        assertThat(run("backup", folder.resolve("b.db").toString(), "--data-dir", data.toString()))
                .isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("There is no database " + data.resolve("interlock.db")
                        + "; name the server's folder with --data-dir\n");
        err.getBuffer().setLength(0);
        SQLiteConfig config = new SQLiteConfig();
        try (var connection = config.createConnection("jdbc:sqlite:" + data.resolve("interlock.db"));
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE setting (name TEXT, number INTEGER)");
        }
        Path copy = folder.resolve("none").resolve("b.db");
        assertThat(run("backup", copy.toString(), "--data-dir", data.toString()))
                .isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("The backup " + copy + " cannot be written: there is no folder " + copy.getParent()
                        + ". Make it, or name another file\n");
        err.getBuffer().setLength(0);
        Path tooLong = folder.resolve("x".repeat(300));
        assertThat(run("backup", tooLong.toString(), "--data-dir", data.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).startsWith("The backup " + tooLong + " cannot be written: ");
    }

    private int run(String... args) {
        return Main.commandLine(args)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
