package dev.interlock.server.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An operator who registers agents without end reaches the end of its organization's share of the memory, not the heap's. */
class DescriptionMemoryTest {
    @Test
    void metadata_of_an_agent_is_bounded() {
        try (RunningServer server = new RunningServer()) {
            HttpResponse<String> answer = server.send(
                    "PUT", "/api/v1/agents/m", "operator@evil", agent(62, 1_000).encode());

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("4096");
            assertThat(server.send(
                                    "PUT",
                                    "/api/v1/agents/m",
                                    "operator@evil",
                                    agent(3, 1_000).encode())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void an_organization_has_a_share_of_the_memory_and_others_are_not_touched() {
        try (RunningServer server = new RunningServer(Map.of("description-memory", "4"))) {
            String large = agent(4, 1_000).encode();
            HttpResponse<String> answer;
            int registered = 0;
            do {
                answer = server.send("PUT", "/api/v1/agents/m" + registered++, "operator@evil", large);
            } while (answer.statusCode() == 200 && registered < 1_000);

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
            assertThat(answer.body()).contains("description-memory");
            assertThat(registered).as("a MiB in pieces of some 4.5 KB").isBetween(150, 300);
            assertThat(server.send("PUT", "/api/v1/agents/planner", "operator@good", large)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.post("/api/v1/circuits/x/permits", "agent@evil", "{}")
                            .statusCode())
                    .as("permits need no description")
                    .isEqualTo(200);
            assertThat(act(server, "operator@evil", "r".repeat(1_000))).isEqualTo(409);
            assertThat(act(server, "operator@evil", "the model is down"))
                    .as("a short reason always passes")
                    .isEqualTo(200);
            assertThat(act(server, "operator@good", "r".repeat(1_000))).isEqualTo(200);
            assertThat(server.send("PUT", "/api/v1/agents/m0", "operator@evil", "{}")
                            .statusCode())
                    .as("less is always possible")
                    .isEqualTo(200);
            assertThat(server.send("PUT", "/api/v1/agents/again", "operator@evil", "{}")
                            .statusCode())
                    .as("and makes room")
                    .isEqualTo(200);
        }
    }

    @Test
    void reasons_and_policies_count_as_well() {
        try (RunningServer server = new RunningServer(Map.of("description-memory", "1"))) {
            int held = 0;
            while (hold(server, "x" + held, "r".repeat(1_000)) != 409 && held < 1_000) { // a busy machine says 202
                held++;
            }
            assertThat(held).as("a quarter of a MiB in pieces of some 2 KB").isBetween(80, 150);
            assertThat(server.send("PUT", "/api/v1/policies/p", "admin@evil", "{\"cooldown\":\"1s\"}")
                            .statusCode())
                    .isEqualTo(409);
            assertThat(hold(server, "x0", "short")).isIn(200, 202);
            assertThat(hold(server, "x1", "short")).isIn(200, 202);
            assertThat(server.send("PUT", "/api/v1/policies/p", "admin@evil", "{\"cooldown\":\"1s\"}")
                            .statusCode())
                    .as("a shorter reason makes room")
                    .isEqualTo(200);
        }
    }

    private static int hold(RunningServer server, String agent, String reason) {
        return server.post(
                        "/api/v1/circuits/" + agent + "/action",
                        "operator@evil",
                        new JsonObject()
                                .put("action", "hold_open")
                                .put("reason", reason)
                                .encode())
                .statusCode();
    }

    private static int act(RunningServer server, String caller, String reason) {
        return server.post(
                        "/api/v1/circuits/y/action",
                        caller,
                        new JsonObject()
                                .put("action", "open")
                                .put("reason", reason)
                                .encode())
                .statusCode();
    }

    private static JsonObject agent(int names, int length) {
        JsonObject metadata = new JsonObject();
        for (int i = 0; i < names; i++) {
            metadata.put("a-name-of-twenty-" + i, "v".repeat(length));
        }
        return new JsonObject().put("metadata", metadata);
    }
}
