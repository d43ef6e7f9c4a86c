package dev.interlock.server.circuits;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An override without a reason: taken by default, refused where {@code require-reason} is set. */
class RequiredReasonsTest {
    @Test
    void a_server_that_requires_them_takes_no_override_without_one() {
        try (RunningServer server = new RunningServer(Map.of("require-reason", "true"))) {
            for (String action : List.of("open", "close", "reset", "hold_open", "hold_closed", "release")) {
                for (String reason : List.of("", ",\"reason\":null", ",\"reason\":\" \\t\"")) {
                    HttpResponse<String> answer = act(server, "{\"action\":\"" + action + "\"" + reason + "}");
                    assertThat(answer.statusCode()).as(action + reason).isEqualTo(422);
                    assertThat(json(answer).getString("type")).isEqualTo("reason-required");
                    assertThat(json(answer).getString("detail")).contains("require-reason", "add \"reason\"");
                }
            }
            JsonObject circuit = json(server.get("/api/v1/circuits/planner", "viewer@acme"));
            assertThat(circuit.getValue("since")).as("nothing has happened").isNull();
            assertThat(server.get("/api/v1/agents/planner", "viewer@acme").statusCode())
                    .isEqualTo(404);
            assertThat(act(server, "{\"action\":\"open\",\"reason\":\"the provider is down\"}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(json(server.get("/api/v1/me", "operator@acme")).getBoolean("reason_required"))
                    .isTrue();
        }
    }

    @Test
    void otherwise_programs_need_none() {
        try (RunningServer server = new RunningServer()) {
            assertThat(act(server, "{\"action\":\"open\"}").statusCode()).isEqualTo(200);
            assertThat(json(server.get("/api/v1/me", "operator@acme")).getBoolean("reason_required"))
                    .isFalse();
        }
    }

    private static HttpResponse<String> act(RunningServer server, String body) {
        return server.post("/api/v1/circuits/planner/action", "operator@acme", body);
    }
}
