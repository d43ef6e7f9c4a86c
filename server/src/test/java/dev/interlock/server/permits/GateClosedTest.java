package dev.interlock.server.permits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.Gate;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server obeys the gates of its database from its first permit on, and says when to ask again. */
class GateClosedTest {
    private static final String AGENT = "agent@acme";

    @TempDir
    Path folder;

    @Test
    void a_permit_that_a_gate_refuses_is_503_of_its_own_type_with_the_gates_end() {
        Instant end = Instant.now().plusSeconds(600);
        put(Gate.ofUpstream("acme", "model:kimi", "ann@acme.example")
                .named("stop-1")
                .because("a secret reason")
                .until(end));
        put(Gate.ofAgents("acme", "planner-*", "ann").named("stop-2"));
        try (RunningServer server = RunningServer.on(folder)) {
            HttpResponse<String> refused = take(server, "writer", "{\"depends_on\":[\"model:kimi\"]}");
            JsonObject problem = problem(refused);
            assertThat(problem.getString("agent_id")).isEqualTo("model:kimi");
            assertThat(problem.getString("gate")).isEqualTo("stop-1");
            assertThat(problem.getString("state")).isEqualTo("closed");
            assertThat(Instant.parse(problem.getString("until"))).isBetween(end.minusMillis(2), end.plusMillis(2));
            assertThat(problem.getLong("retry_after_ms")).isBetween(500_000L, 600_000L);
            assertThat(refused.headers().firstValueAsLong("Retry-After"))
                    .hasValue((problem.getLong("retry_after_ms") + 999) / 1_000);
            assertThat(refused.body())
                    .as("who put it and why is nothing for agents")
                    .doesNotContain("ann@acme.example")
                    .doesNotContain("a secret reason");

            HttpResponse<String> endless = take(server, "planner-1", null);
            assertThat(problem(endless).getString("gate")).isEqualTo("stop-2");
            assertThat(problem(endless).containsKey("until")).isFalse();
            assertThat(endless.headers().firstValueAsLong("Retry-After")).hasValue(60);

            assertThat(take(server, "writer", null).statusCode()).isEqualTo(200);
            assertThat(server.post("/api/v1/circuits/planner-1/permits", "agent@rival", "")
                            .statusCode())
                    .as("another organization's")
                    .isEqualTo(200);
            assertThat(server.post("/api/v1/circuits/planner-1/outcomes", AGENT, "{\"outcome\":\"success\"}")
                            .statusCode())
                    .as("outcomes count all the same")
                    .isEqualTo(200);
        }
    }

    private void put(Gate gate) {
        try (Database database = Database.open(DatabaseSettings.sqlite(folder.resolve("interlock.db")));
                CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                        .store(database.circuits())
                        .build()) {
            circuits.gates().put(gate);
            assertThat(circuits.gates().written())
                    .succeedsWithin(Duration.ofSeconds(20))
                    .isEqualTo(true);
        }
    }

    private static HttpResponse<String> take(RunningServer server, String agent, String body) {
        return server.post("/api/v1/circuits/" + agent + "/permits", AGENT, body == null ? "" : body);
    }

    private static JsonObject problem(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        JsonObject problem = RunningServer.json(answer);
        assertThat(problem.getString("type")).isEqualTo("gate-closed");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        return problem;
    }
}
