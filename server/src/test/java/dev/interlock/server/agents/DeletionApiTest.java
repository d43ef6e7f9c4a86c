package dev.interlock.server.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.jdbc.Postgres;
import dev.interlock.monitor.Agent;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The deletion of an agent's data over HTTP. */
class DeletionApiTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void an_agent_that_has_long_been_quiet_is_deleted_and_the_trail_says_by_whom() {
        remember(DatabaseSettings.sqlite(folder.resolve("interlock.db")), "planner", "critic");
        try (RunningServer server = RunningServer.on(folder)) {
            assertThat(server.get("/api/v1/agents/planner", "viewer@acme").statusCode())
                    .isEqualTo(200);
            assertThat(delete(server, "planner", "operator@acme").statusCode()).isEqualTo(403);
            assertThat(delete(server, "planner", "admin@other").statusCode()).isEqualTo(404);

            HttpResponse<String> deleted = delete(server, "planner", "admin@acme");
            assertThat(deleted.statusCode()).as(deleted.body()).isEqualTo(200);
            assertThat(RunningServer.json(deleted).getInteger("others")).isEqualTo(1);
            assertThat(server.get("/api/v1/agents/planner", "viewer@acme").statusCode())
                    .isEqualTo(404);
            assertThat(server.get("/api/v1/agents", "viewer@acme").body())
                    .contains("critic")
                    .doesNotContain("planner");
            JsonObject line = RunningServer.json(server.get("/api/v1/changes?subject=agent", "admin@acme"))
                    .getJsonArray("changes")
                    .getJsonObject(0);
            assertThat(line.getString("name")).isEqualTo("planner");
            assertThat(line.getString("action")).isEqualTo("removed");
            assertThat(line.getString("actor")).contains("admin");
            assertThat(delete(server, "planner", "admin@acme").statusCode()).isEqualTo(404);
        }
        try (RunningServer again = RunningServer.on(folder)) {
            assertThat(again.get("/api/v1/agents", "viewer@acme").body()).doesNotContain("planner");
        }
    }

    @Test
    void one_that_calls_or_is_not_closed_is_not_deleted_and_the_answer_says_what_to_do() {
        remember(DatabaseSettings.sqlite(folder.resolve("interlock.db")), "held");
        try (RunningServer server = RunningServer.on(folder)) {
            server.post("/api/v1/circuits/busy/permits", "agent@acme", "{}");
            HttpResponse<String> busy = delete(server, "busy", "admin@acme");
            assertThat(busy.statusCode()).isEqualTo(409);
            assertThat(RunningServer.json(busy).getString("detail"))
                    .contains("was seen at ")
                    .contains("Stop it, and delete it after ");

            server.post("/api/v1/circuits/held/action", "operator@acme", "{\"action\":\"hold_closed\"}");
            HttpResponse<String> held = delete(server, "held", "admin@acme");
            assertThat(held.statusCode()).isEqualTo(409);
            assertThat(RunningServer.json(held).getString("detail")).contains("Close or release it first");
            server.post("/api/v1/circuits/held/action", "operator@acme", "{\"action\":\"release\"}");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(RunningServer.json(delete(server, "held", "admin@acme"))
                                    .getString("detail"))
                            .as("what people do with it is written to its log as well")
                            .contains("was seen at "));
        }
    }

    @Test
    @Tag("heavy")
    void another_server_on_the_database_forgets_it_as_well() {
        DatabaseSettings settings = Postgres.migrated();
        remember(settings, "planner");
        Map<String, String> flags = Map.of("database-url", settings.url());
        try (RunningServer one = new RunningServer(flags);
                RunningServer other = new RunningServer(flags)) {
            assertThat(other.get("/api/v1/agents/planner", "viewer@acme").statusCode())
                    .isEqualTo(200);
            assertThat(delete(one, "planner", "admin@acme").statusCode()).isEqualTo(200);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(other.get("/api/v1/agents/planner", "viewer@acme")
                                    .statusCode())
                            .isEqualTo(404));
        }
    }

    /** Agents that were seen some hours ago, by an earlier life of the server. */
    private static void remember(DatabaseSettings settings, String... names) {
        Instant seen = Instant.now().minus(Duration.ofHours(3));
        try (Database database = Database.open(settings)) {
            for (String name : names) {
                database.agents()
                        .sighted(List.of(
                                new Agent(new CircuitId("acme", name), null, Map.of(), seen, seen, new TreeSet<>())));
            }
        }
    }

    private static HttpResponse<String> delete(RunningServer server, String agent, String caller) {
        return server.send("DELETE", "/api/v1/agents/" + agent, caller, null);
    }
}
