package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
            assertThat(err.toString()).contains("in use by another server");
        } finally {
            server.kill();
        }
        Path other = Files.createDirectory(folder.resolve("other"));
        assertThat(run("restore", backup.toString(), "--data-dir", other.toString()))
                .as(err.toString())
                .isZero();
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

    private int run(String... args) {
        return Main.commandLine(args)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
