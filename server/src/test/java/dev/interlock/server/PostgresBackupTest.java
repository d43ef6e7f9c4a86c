package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of {@code docs/operations/backup.md} for PostgreSQL, word for word, while a server is under load. */
@Tag("heavy")
class PostgresBackupTest {
    private static final Path PAGE =
            Path.of(System.getProperty("interlock.root", ".."), "docs", "operations", "backup.md");
    private static final Pattern BLOCK = Pattern.compile("^```bash\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void a_restored_server_has_what_was_acknowledged_before_the_backup_and_repeats_no_epoch() throws Exception {
        List<String> commands = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(commands).hasSize(2);
        try (InstalledPostgres postgres = InstalledPostgres.start()) {
            postgres.bash(folder, "createdb interlock");
            int acknowledged;
            long highest = 0;
            try (RunningServer server = new RunningServer(settings(postgres, "interlock"))) {
                AtomicInteger held = new AtomicInteger();
                AtomicBoolean goesOn = new AtomicBoolean(true);
                Thread load = new Thread(() -> {
                    while (goesOn.get() && hold(server, "agent-" + held.get())) {
                        held.incrementAndGet();
                    }
                });
                load.start();
                await().atMost(PATIENCE).until(() -> held.get() > 20);
                acknowledged = held.get();
                postgres.bash(folder, commands.get(0));
                goesOn.set(false);
                load.join();
            }
            for (int life = 0; life < 2; life++) { // of which the backup knows nothing
                try (RunningServer later = new RunningServer(settings(postgres, "interlock"))) {
                    assertThat(hold(later, "later-" + life)).isTrue();
                    highest = Math.max(highest, epoch(later, "later-" + life));
                }
            }
            postgres.bash(folder, commands.get(1));
            try (RunningServer restored = new RunningServer(settings(postgres, "interlock_restored"))) {
                for (int i = 0; i < acknowledged; i++) {
                    assertThat(circuit(restored, "agent-" + i).getString("state"))
                            .as("agent-" + i)
                            .isEqualTo("open");
                }
                assertThat(circuit(restored, "later-0").getString("state")).isEqualTo("closed");
                assertThat(hold(restored, "fresh")).isTrue();
                assertThat(epoch(restored, "fresh")).isGreaterThan(highest);
            }
        }
    }

    private static Map<String, String> settings(InstalledPostgres postgres, String database) {
        return Map.of("database-url", postgres.url(database), "database-user", "interlock");
    }

    private static boolean hold(RunningServer server, String agent) {
        return server.post(
                                "/api/v1/circuits/" + agent + "/action",
                                "operator@acme",
                                "{\"action\":\"hold_open\",\"reason\":\"r\"}")
                        .statusCode()
                == 200;
    }

    private static JsonObject circuit(RunningServer server, String agent) {
        return RunningServer.json(server.get("/api/v1/circuits/" + agent, "viewer@acme"));
    }

    private static long epoch(RunningServer server, String agent) {
        return RunningServer.json(server.get("/api/v1/circuits/" + agent + "/transitions", "viewer@acme"))
                .getJsonArray("transitions")
                .getJsonObject(0)
                .getLong("epoch");
    }
}
