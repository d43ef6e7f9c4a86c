package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** Waits of failures, cooldowns of kinds and mode observe over REST. */
class WaitsAndModesTest {
    private static final String AGENT = "agent@acme";

    private static JsonObject circuit(RunningServer server, String name) {
        return json(server.get("/api/v1/circuits/" + name, "viewer@acme"));
    }

    private static void policy(RunningServer server, String pattern, String settings) {
        HttpResponse<String> put = server.send("PUT", "/api/v1/policies/" + pattern, "admin@acme", settings);
        assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    }

    private static String settled(RunningServer server, String name, String outcome) {
        HttpResponse<String> permit = server.post("/api/v1/circuits/" + name + "/permits", AGENT, "{}");
        assertThat(permit.statusCode()).as(permit.body()).isEqualTo(200);
        HttpResponse<String> answer = server.post(
                "/api/v1/circuits/" + name + "/outcomes",
                AGENT,
                new JsonObject(outcome)
                        .put("permit", json(permit).getString("permit"))
                        .encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void a_wait_above_its_limit_is_capped_and_no_mistake() {
        try (RunningServer server = new RunningServer()) {
            settled(server, "long", "{\"outcome\":\"failure\",\"kind\":\"RATE_LIMITED\",\"retry_after_ms\":1e14}");
            assertThat(circuit(server, "long").getString("state")).isEqualTo("open");
            assertThat(circuit(server, "long").getLong("retry_after_ms")).isBetween(3_590_000L, 3_600_000L);
        }
    }

    @Test
    void a_wait_of_zero_is_none() {
        try (RunningServer server = new RunningServer()) {
            settled(server, "zero", "{\"outcome\":\"failure\",\"kind\":\"RATE_LIMITED\",\"retry_after_ms\":0}");
            assertThat(circuit(server, "zero").getString("state")).isEqualTo("closed");
        }
    }

    @Test
    void an_entry_of_the_log_says_how_long_to_wait() {
        try (RunningServer server = new RunningServer()) {
            HttpResponse<String> answer = server.post("/api/v1/logs/batch", AGENT, """
                    {"sent_at": "2027-01-31T18:00:00Z", "logs": [
                      {"agent_id": "logged", "action_type": "llm_inference", "status": "failure",
                       "error_kind": "RATE_LIMITED", "retry_after_ms": 600000, "latency_ms": 1,
                       "timestamp": "2027-01-31T18:00:00Z"}]}
                    """);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(circuit(server, "logged").getString("state")).isEqualTo("open");
            assertThat(circuit(server, "logged").getLong("retry_after_ms")).isBetween(590_000L, 720_000L);
        }
    }

    @Test
    void a_policy_has_cooldowns_of_kinds() {
        try (RunningServer server = new RunningServer()) {
            policy(server, "quota", "{\"cooldowns\":{\"QUOTA_EXHAUSTED\":\"15m\"}}");
            settled(server, "quota", "{\"outcome\":\"failure\",\"kind\":\"QUOTA_EXHAUSTED\"}");
            assertThat(circuit(server, "quota").getLong("retry_after_ms")).isBetween(890_000L, 900_000L);
            assertThat(json(server.get("/api/v1/policies/quota", "admin@acme"))
                            .getJsonObject("settings")
                            .getJsonObject("cooldowns_ms"))
                    .isEqualTo(new JsonObject().put("QUOTA_EXHAUSTED", 900_000));
        }
    }

    @Test
    void what_only_observes_says_so_and_lets_calls_pass_that_are_late() {
        try (RunningServer server = new RunningServer()) {
            policy(server, "watched", "{\"mode\":\"observe\",\"failure_threshold\":1}");
            assertThat(circuit(server, "watched").getString("mode")).isEqualTo("observe");
            assertThat(circuit(server, "other").getString("mode")).isEqualTo("enforce");

            settled(server, "watched", "{\"outcome\":\"failure\"}");
            assertThat(circuit(server, "watched").getString("state")).isEqualTo("open");
            assertThat(settled(server, "watched", "{\"outcome\":\"success\"}")).contains("late");
            assertThat(circuit(server, "watched").getString("state")).isEqualTo("open");
            assertThat(circuit(server, "watched").getInteger("late")).isEqualTo(1);

            server.post("/api/v1/circuits/watched/action", "operator@acme", "{\"action\":\"open\"}");
            assertThat(server.post("/api/v1/circuits/watched/permits", AGENT, "{}")
                            .statusCode())
                    .isEqualTo(503);
        }
    }
}
