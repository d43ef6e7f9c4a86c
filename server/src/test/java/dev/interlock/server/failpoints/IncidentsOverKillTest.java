package dev.interlock.server.failpoints;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.jdbc.Postgres;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers on one PostgreSQL, of which the one that keeps incidents ends: by signal 9 in the middle of writing one, or in
 * order. Another one goes on with the same incidents; none is lost, and nothing counts twice.
 */
@Tag("heavy")
@Tag("thorough")
class IncidentsOverKillTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String MODEL = "model:atlas";
    private static final String INCIDENTS = "/api/v1/incidents";

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final String database = Postgres.migrated().url();
    private final Map<String, String> settings = Map.of("database-url", database);

    /** Sends JSON to a server, wherever it runs. */
    private interface Sender {
        HttpResponse<String> post(String path, String caller, String json);
    }

    @Test
    void what_a_server_began_that_was_killed_while_it_wrote_goes_on_with_another_one()
            throws IOException, InterruptedException, SQLException {
        Process killed = ServerVictim.start(Failpoint.INCIDENTS_WRITTEN, 2, folder, settings);
        try (BufferedReader lines = killed.inputReader()) {
            Sender a = at(ServerVictim.url(lines));
            await().atMost(LONG).until(() -> keeper() != 0);
            long keeper = keeper();
            try (RunningServer b = new RunningServer(settings)) {
                use(a, "planner");
                use(b::post, "planner");
                fail(a, MODEL, "OVERLOADED");
                JsonObject began = await().atMost(LONG).until(() -> only(b), each -> each != null);
                assertThat(began.getString("root")).isEqualTo(MODEL);
                await().atMost(LONG).until(() -> isOpen(b, MODEL));
                for (Sender each : List.<Sender>of(a, b::post, b::post)) {
                    assertThat(permit(each, "planner").statusCode()).isEqualTo(503);
                }

                fail(a, "planner", "TIMEOUT");
                assertThat(killed.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(killed.exitValue()).isEqualTo(128 + 9);
                await().atMost(LONG).until(() -> isOpen(b, "planner"));
                afterDuty();
                override(b, "planner", "hold_open");
                String id = began.getString("id");
                await().atMost(LONG).until(() -> story(b, id).getInteger("circuits") == 2);
                assertThat(keeper()).isNotEqualTo(keeper);
                override(b, MODEL, "close");
                override(b, "planner", "close");
                await().atMost(LONG).until(() -> story(b, id).getInteger("open") == 0);

                assertThat(only(b).getString("id")).isEqualTo(id);
                JsonObject story = story(b, id);
                assertThat(story.getString("began")).isEqualTo(began.getString("began"));
                assertThat(story.getJsonArray("affected"))
                        .extracting(each -> ((JsonObject) each).getString("agent_id"))
                        .containsExactly(MODEL, "planner");
                assertThat(story.getJsonArray("affected"))
                        .extracting(each -> ((JsonObject) each).getInteger("openings"))
                        .containsExactly(1, 1);
                assertThat(story.getJsonArray("timeline"))
                        .extracting(each -> moved((JsonObject) each))
                        .containsExactly(
                                MODEL + " open failure_streak",
                                "planner open failure_streak",
                                "planner open override",
                                MODEL + " closed override",
                                "planner closed override");
                assertThat(story.getInteger("refused"))
                        .as("those of the one that lives; the other one had not stored its last minute")
                        .isBetween(2, 3);
            }
        } finally {
            killed.destroyForcibly();
        }
    }

    @Test
    void two_that_one_server_found_become_one_when_the_next_one_sees_their_model_open() throws SQLException {
        String first;
        String second;
        long keeper;
        try (RunningServer a = new RunningServer(settings)) {
            for (String agent : List.of("planner", "coder")) {
                use(a::post, agent);
                fail(a::post, agent, "TIMEOUT");
                await().atMost(LONG).until(() -> open(a).contains(agent));
            }
            assertThat(open(a)).containsExactly("coder", "planner");
            first = list(a).get(1).getString("id");
            second = list(a).get(0).getString("id");
            keeper = keeper();
        }
        try (RunningServer b = new RunningServer(settings)) {
            assertThat(open(b)).containsExactly("coder", "planner");
            fail(b::post, MODEL, "OVERLOADED");
            await().atMost(LONG).until(() -> open(b).equals(List.of(MODEL)));
            assertThat(keeper()).isNotEqualTo(keeper);
            assertThat(only(b).getString("id")).isEqualTo(first);
            assertThat(only(b).getInteger("circuits")).isEqualTo(3);
            assertThat(story(b, second).getString("merged_into")).isEqualTo(first);
            for (int i = 0; i < 3; i++) {
                assertThat(permit(b::post, "writer").statusCode()).isEqualTo(503);
            }
            await().atMost(LONG).until(() -> story(b, first).getInteger("refused") == 3);
        }
        try (RunningServer c = new RunningServer(settings)) {
            assertThat(permit(c::post, "writer").statusCode()).isEqualTo(503);
            JsonObject story = await("refused over two lives")
                    .atMost(LONG)
                    .until(() -> story(c, first), each -> each.getInteger("refused") == 4);
            assertThat(story.getJsonArray("timeline"))
                    .extracting(each -> moved((JsonObject) each))
                    .containsExactly(
                            "planner open failure_streak", "coder open failure_streak", MODEL + " open failure_streak");
            assertThat(only(c).getString("id")).isEqualTo(first);
            assertThat(story(c, second).getString("state")).isEqualTo("ended");
        }
    }

    /** The time of the duty of one that is dead passes. */
    private void afterDuty() throws SQLException {
        try (Connection connection = DriverManager.getConnection(database);
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE duty SET until = until - interval '20 seconds' WHERE name = 'incidents'");
        }
    }

    /** Which life of a server keeps incidents; 0 if none did yet. */
    private long keeper() throws SQLException {
        try (Connection connection = DriverManager.getConnection(database);
                Statement statement = connection.createStatement();
                ResultSet holder = statement.executeQuery("SELECT holder FROM duty WHERE name = 'incidents'")) {
            return holder.next() ? holder.getLong(1) : 0;
        }
    }

    private Sender at(String url) {
        return (path, caller, json) -> {
            try {
                return client.send(
                        HttpRequest.newBuilder(URI.create(url + path))
                                .timeout(LONG)
                                .header("Authorization", "Bearer " + RunningServer.token(caller))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(json))
                                .build(),
                        BodyHandlers.ofString());
            } catch (IOException | InterruptedException failed) {
                throw new IllegalStateException(failed);
            }
        };
    }

    private static HttpResponse<String> permit(Sender server, String agent) {
        return server.post(
                "/api/v1/circuits/" + agent + "/permits", "agent@acme", "{\"depends_on\": [\"" + MODEL + "\"]}");
    }

    /** A good call. */
    private static void use(Sender server, String agent) {
        HttpResponse<String> permit = permit(server, agent);
        outcome(
                server,
                agent,
                new JsonObject()
                        .put("outcome", "success")
                        .put("permit", json(permit).getString("permit")));
    }

    private static void fail(Sender server, String agent, String kind) {
        for (int i = 0; i < 5; i++) {
            outcome(server, agent, new JsonObject().put("outcome", "failure").put("kind", kind));
        }
    }

    private static void outcome(Sender server, String agent, JsonObject outcome) {
        HttpResponse<String> answer =
                server.post("/api/v1/circuits/" + agent + "/outcomes", "agent@acme", outcome.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void override(RunningServer server, String agent, String action) {
        HttpResponse<String> answer = server.post(
                "/api/v1/circuits/" + agent + "/action", "operator@acme", "{\"action\": \"" + action + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static boolean isOpen(RunningServer server, String agent) {
        return json(server.get("/api/v1/circuits/" + agent, "viewer@acme"))
                .getString("state")
                .equals("open");
    }

    private static String moved(JsonObject line) {
        return line.getString("agent_id") + " " + line.getString("to") + " " + line.getString("cause");
    }

    private static List<String> open(RunningServer server) {
        return list(server).stream().map(each -> each.getString("root")).toList();
    }

    /** The only incident; null while there is none. */
    private static JsonObject only(RunningServer server) {
        List<JsonObject> all = list(server);
        assertThat(all).hasSizeLessThan(2);
        return all.isEmpty() ? null : all.get(0);
    }

    private static JsonObject story(RunningServer server, String id) {
        return json(server.get(INCIDENTS + "/" + id, "viewer@acme"));
    }

    private static List<JsonObject> list(RunningServer server) {
        return json(server.get(INCIDENTS, "viewer@acme")).getJsonArray("incidents").stream()
                .map(JsonObject.class::cast)
                .toList();
    }
}
