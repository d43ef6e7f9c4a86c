package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that people take for others, texts that cannot be read, and secrets in reasons, against a running server. */
@TestInstance(Lifecycle.PER_CLASS)
class NameAttacksTest {
    private RunningServer server;

    @BeforeAll
    void start() {
        server = new RunningServer();
        assertThat(permit("planner").statusCode()).isEqualTo(200);
        assertThat(permit("caf\u00e9").statusCode()).isEqualTo(200);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "planner ",
                " planner",
                "planner\u00a0",
                "\u3000planner",
                "\uff50lanner",
                "cafe\u0301",
                "pl\u00aanner"
            })
    void a_new_name_that_is_like_one_that_there_is_is_409_and_named(String name) {
        String like = name.contains("caf") ? "caf\u00e9" : "planner";
        for (HttpResponse<String> refused : List.of(
                permit(name),
                server.post(path(name, "/outcomes"), "agent@acme", "{\"outcome\": \"success\"}"),
                server.post(path(name, "/action"), "operator@acme", "{\"action\": \"hold_open\"}"),
                server.send("PUT", "/api/v1/agents/" + encoded(name), "operator@acme", "{}"),
                server.post(path("other", "/permits"), "agent@acme", depends(name)))) {
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(409);
            assertThat(refused.body()).contains("'" + like + "'");
        }
        assertThat(server.get("/api/v1/agents/" + encoded(name), "viewer@acme").statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\u200b", "x\u202ey", "x\u2028", "x\u2029y", "\ufeffx", "x\u00ady", "x\u2066y"})
    void a_new_name_that_cannot_be_read_is_400(String name) {
        assertThat(permit(name).statusCode()).isEqualTo(400);
        assertThat(permit(name).body()).contains("printable characters", "U+");
        assertThat(server.post(path(name, "/action"), "operator@acme", "{\"action\": \"open\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.send("PUT", "/api/v1/policies/" + encoded(name), "admin@acme", "{}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.post(
                                "/api/v1/keys",
                                "admin@acme",
                                new JsonObject()
                                        .put("name", name)
                                        .put("role", "viewer")
                                        .encode())
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.send(
                                "PUT",
                                "/api/v1/agents/someone",
                                "operator@acme",
                                new JsonObject().put("display_name", name).encode())
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.send(
                                "PUT",
                                "/api/v1/agents/someone",
                                "operator@acme",
                                new JsonObject()
                                        .put("metadata", new JsonObject().put(name, "y"))
                                        .encode())
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.post(
                                path("someone", "/action"),
                                "operator@acme",
                                new JsonObject()
                                        .put("action", "open")
                                        .put("reason", name)
                                        .encode())
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void in_batches_each_is_refused_alone() {
        JsonObject entry = new JsonObject()
                .put("action_type", "tool_call")
                .put("status", "success")
                .put("timestamp", Instant.now().toString());
        JsonArray entries = new JsonArray()
                .add(entry.copy().put("agent_id", "planner"))
                .add(entry.copy().put("agent_id", "planner "))
                .add(entry.copy().put("agent_id", "y\u202e"));
        JsonObject logged = RunningServer.json(server.post(
                "/api/v1/logs/batch",
                "agent@acme",
                new JsonObject().put("entries", entries).encode()));
        assertThat(logged.getInteger("accepted")).as(logged.encode()).isEqualTo(1);
        assertThat(logged.encode()).contains("looks like 'planner'", "U+202E at position 1");

        JsonObject outcome = new JsonObject().put("outcome", "success");
        JsonObject settled = RunningServer.json(server.post(
                "/api/v1/outcomes",
                "agent@acme",
                new JsonArray()
                        .add(outcome.copy().put("agent_id", "planner "))
                        .add(outcome.copy().put("agent_id", "y\u200b"))
                        .add(outcome.copy().put("agent_id", "planner"))
                        .encode()));
        assertThat(settled.getInteger("refused")).isEqualTo(2);
        assertThat(settled.getInteger("counted")).isEqualTo(1);
    }

    @Test
    void patterns_and_organizations_that_are_like_others_are_refused() {
        assertThat(server.send("PUT", "/api/v1/policies/team-*", "admin@acme", "{}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send("PUT", "/api/v1/policies/team-*", "admin@acme", "{}")
                        .statusCode())
                .isEqualTo(200);
        HttpResponse<String> alike =
                server.send("PUT", "/api/v1/policies/" + encoded("\uff54eam-* "), "admin@acme", "{}");
        assertThat(alike.statusCode()).isEqualTo(409);
        assertThat(alike.body()).contains("'team-*'");

        assertThat(key("globex").statusCode()).isEqualTo(201);
        assertThat(key("globex").statusCode()).isEqualTo(201);
        assertThat(key("globex ").statusCode()).isEqualTo(400);
        assertThat(key("globex ").body()).contains("'globex'");
        assertThat(key("glob\u200bex").statusCode()).isEqualTo(400);
    }

    @Test
    void a_name_that_there_is_goes_on_whatever_it_is(@TempDir Path folder) throws SQLException {
        try (RunningServer first = RunningServer.on(folder)) {
            assertThat(permit(first, "scout ").statusCode()).isEqualTo(200);
        }
        known(folder, "old\u202ename");
        known(folder, "twin");
        known(folder, "twin\u00a0");
        try (RunningServer second = RunningServer.on(folder)) {
            for (String name : new String[] {"scout ", "old\u202ename", "twin", "twin\u00a0"}) {
                assertThat(permit(second, name).statusCode()).as(name).isEqualTo(200);
            }
            assertThat(permit(second, "scout").statusCode()).isEqualTo(409);
            assertThat(permit(second, "scout").body()).contains("'scout '");
            assertThat(permit(second, "old\u202ename2").statusCode()).isEqualTo(400);
            assertThat(permit(second, "twin\u2003").statusCode()).isEqualTo(409);
        }
    }

    @Test
    void secrets_in_reasons_display_names_and_metadata_are_kept_by_nobody() {
        String secret = "hunter2-" + "hunter2";
        String reason = "rotated, password=" + secret + " and bob@example.com";
        assertThat(server.post(
                                path("leaky", "/action"),
                                "operator@acme",
                                new JsonObject()
                                        .put("action", "hold_open")
                                        .put("reason", reason)
                                        .encode())
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send(
                                "PUT",
                                "/api/v1/agents/leaky",
                                "operator@acme",
                                new JsonObject()
                                        .put("display_name", "Leaky, token=" + secret)
                                        .put("metadata", new JsonObject().put("note", "api_key=" + secret))
                                        .encode())
                        .statusCode())
                .isEqualTo(200);
        for (String path : new String[] {
            "/api/v1/circuits/leaky", "/api/v1/circuits/leaky/transitions", "/api/v1/agents/leaky", "/api/v1/circuits/"
        }) {
            String body = server.get(path, "viewer@acme").body();
            assertThat(body).doesNotContain(secret, "bob@");
        }
        assertThat(server.get("/api/v1/circuits/leaky", "viewer@acme").body())
                .contains("rotated, password=[redacted:secret] and [redacted:mail]");
        assertThat(server.get("/api/v1/agents/leaky", "viewer@acme").body())
                .contains("Leaky, token=[redacted:secret]", "api_key=[redacted:secret]");
    }

    private HttpResponse<String> key(String organization) {
        return server.send(server.request("/api/v1/keys", null)
                .header("Authorization", "Bearer " + RunningServer.ADMIN_KEY)
                .header("Content-Type", "application/json")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(new JsonObject()
                        .put("name", "x")
                        .put("role", "viewer")
                        .put("organization_id", organization)
                        .encode()))
                .build());
    }

    /** As an earlier release left it in the database. */
    private static void known(Path folder, String name) throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("interlock.db"));
                PreparedStatement insert = database.prepareStatement("""
                        INSERT INTO agent_registry (organization_id, agent_id, metadata, depends_on, first_seen, last_seen)
                        VALUES ('acme', ?, '{}', '[]', '2099-01-31T18:00:00.000000Z', '2099-01-31T18:00:00.000000Z')
                        """)) {
            insert.setString(1, name);
            insert.executeUpdate();
        }
    }

    private HttpResponse<String> permit(String name) {
        return permit(server, name);
    }

    private static HttpResponse<String> permit(RunningServer asked, String name) {
        return asked.post(path(name, "/permits"), "agent@acme", "{}");
    }

    private static String depends(String name) {
        return new JsonObject().put("depends_on", new JsonArray().add(name)).encode();
    }

    private static String path(String name, String rest) {
        return "/api/v1/circuits/" + encoded(name) + rest;
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
