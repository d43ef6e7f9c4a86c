package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ServerTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void is_alive_and_ready_for_everybody() {
        assertThat(server.get("/healthz", null).statusCode()).isEqualTo(200);
        assertThat(RunningServer.json(server.get("/readyz", null)).getString("status"))
                .isEqualTo("ok");
        assertThat(server.get("/openapi.yaml", null).body()).startsWith("openapi: 3.1");
    }

    @Test
    void an_agent_never_heard_of_has_a_closed_circuit_and_asking_makes_none() {
        HttpResponse<String> answer = server.get("/api/v1/circuits/unheard-of", "viewer@first");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(RunningServer.json(answer).getString("state")).isEqualTo("closed");
        assertThat(server.get("/api/v1/circuits/", "viewer@first").body()).isEqualTo("{}");
    }

    @Test
    void opens_and_shows_what_is_open() {
        HttpResponse<String> answer = server.post(
                "/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"open\",\"reason\":\"why\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(RunningServer.json(answer))
                .isEqualTo(new JsonObject().put("status", "opened").put("agent_id", "planner"));
        JsonObject all = RunningServer.json(server.get("/api/v1/circuits", "viewer@acme"));
        assertThat(all.getJsonObject("planner").getString("state")).isEqualTo("open");
        assertThat(all.getJsonObject("planner").getString("reason")).isEqualTo("why");
        assertThat(server.get("/api/v1/circuits/", "viewer@other").body()).isEqualTo("{}");
    }

    @Test
    void tells_an_unknown_action() {
        HttpResponse<String> answer =
                server.post("/api/v1/circuits/planner/action/", "operator@acme", "{\"action\":\"explode\"}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(RunningServer.json(answer).getString("detail"))
                .startsWith("Unknown action: explode")
                .doesNotContain("no member");
    }

    @Test
    void wants_credentials_and_the_right_role() {
        assertThat(server.get("/api/v1/circuits/", null).statusCode()).isEqualTo(401);
        assertThat(server.post("/api/v1/circuits/a/action", "viewer@acme", "{\"action\":\"open\"}")
                        .statusCode())
                .isEqualTo(403);
    }
}
