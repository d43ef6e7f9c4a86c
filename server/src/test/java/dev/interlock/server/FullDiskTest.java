package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On a full disk an override acts and says that it is not durable; what is only a row, a policy or a key, is refused and
 * has no effect; and all is healthy again once there is room. Needs the right to mount a small file system in memory.
 */
@Tag("heavy")
class FullDiskTest {
    @TempDir
    Path disk;

    @Test
    void what_cannot_be_kept_is_not_promised() throws Exception {
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk.toString());
        if (!mounted) { // also in CI: a right is nothing that can be installed
            Needed.skip("no right to mount a file system, so no disk can be filled", "a full disk");
        }
        try (Heard heard = new Heard();
                RunningServer server = new RunningServer(
                        Map.of("data-dir", disk.resolve("data").toString()))) {
            Path filling = fill();

            assertThat(policy(server)).isEqualTo(503);
            assertThat(server.get("/api/v1/policies", "admin@acme").body()).doesNotContain("slow-*");
            assertThat(key(server)).isEqualTo(503);
            assertThat(server.get("/api/v1/keys", "admin@acme").body()).doesNotContain("visitor");
            var held = server.post(
                    "/api/v1/circuits/planner/action",
                    "operator@acme",
                    "{\"action\":\"hold_open\",\"reason\":\"full\"}");
            assertThat(held.statusCode()).isEqualTo(202);
            assertThat(held.body()).contains("\"durable\":false");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> server.get("/readyz", null).body().contains("wait to be stored"));
            assertThat(server.get("/readyz", null).body())
                    .contains("It cannot be written: the disk is full; 1 circuit");
            assertThat(heard.warnings())
                    .filteredOn(line -> line.contains("The database cannot be written"))
                    .singleElement()
                    .asString()
                    .contains("SQLITE_FULL");

            Files.delete(filling);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !server.get("/readyz", null).body().contains("wait to be stored"));
            assertThat(policy(server)).isLessThan(300);
            assertThat(key(server)).isEqualTo(201);
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static int policy(RunningServer server) throws Exception {
        return server.send("PUT", "/api/v1/policies/slow-*", "admin@acme", "{\"cooldown\":\"30s\"}")
                .statusCode();
    }

    private static int key(RunningServer server) throws Exception {
        return server.post("/api/v1/keys", "admin@acme", "{\"name\":\"visitor\",\"role\":\"viewer\"}")
                .statusCode();
    }

    /** Takes all room that is left, to the last page. */
    private Path fill() throws IOException {
        Path filling = disk.resolve("filling");
        byte[] page = new byte[4_096];
        try (var out = Files.newOutputStream(filling)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            return filling;
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
