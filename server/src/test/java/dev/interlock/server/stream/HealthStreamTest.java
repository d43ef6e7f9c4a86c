package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the stream says about health, over real WebSockets: to the own organization only. */
class HealthStreamTest {
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
    void health_is_reported_to_the_own_organization_only() {
        Listener own = listen("viewer@own");
        Listener rival = listen("admin@rival");
        own.next("snapshot");
        rival.next("snapshot");

        failHalf("own", "planner");

        JsonObject update = nextOf(own, "health_update").getJsonObject("data");
        assertThat(update.getString("agent_id")).isEqualTo("planner");
        assertThat(update.getString("status")).isEqualTo("degraded");
        assertThat(update.getInteger("score")).isEqualTo(60);
        assertThat(update.getJsonArray("issues").getJsonObject(0).getString("code"))
                .isEqualTo("low_success_rate");
        JsonObject transition = nextOf(own, "health_transition").getJsonObject("data");
        assertThat(transition.getString("type")).isEqualTo("degrading");
        assertThat(transition.getString("to")).isEqualTo("degraded");

        failHalf("rival", "spy");
        assertThat(nextOf(rival, "health_update").getJsonObject("data").getString("agent_id"))
                .as("the first that it hears")
                .isEqualTo("spy");
        own.hangUp();
        rival.hangUp();
    }

    @Test
    void a_snapshot_says_who_is_not_well() {
        Listener first = listen("viewer@unwell");
        first.next("snapshot");
        failHalf("unwell", "planner");
        server.post("/api/v1/circuits/critic/outcomes", "agent@unwell", "{\"outcome\":\"success\",\"duration_ms\":5}");
        nextOf(first, "health_transition");

        Listener second = listen("viewer@unwell");
        JsonObject data = second.next("snapshot").getJsonObject("data");
        assertThat(data.getJsonArray("circuits")).hasSize(2);
        assertThat(data.getJsonObject("health").fieldNames()).containsExactly("planner");
        assertThat(data.getJsonObject("health").getJsonObject("planner").getString("status"))
                .isEqualTo("degraded");
        first.hangUp();
        second.hangUp();
    }

    private static JsonObject nextOf(Listener listener, String type) {
        JsonObject message = listener.next();
        while (!message.getString("type").equals(type)) {
            message = listener.next();
        }
        return message;
    }

    /** Half of ten calls, which is surely more than a fifth. */
    private static void failHalf(String organization, String agent) {
        JsonArray entries = new JsonArray();
        for (int i = 0; i < 10; i++) {
            entries.add(new JsonObject()
                    .put("agent_id", agent)
                    .put("action_type", "llm_inference")
                    .put("status", i % 2 == 0 ? "failure" : "success")
                    .put("timestamp", Instant.now()));
        }
        server.post(
                "/api/v1/logs/batch",
                "agent@" + organization,
                new JsonObject().put("entries", entries).encode());
    }

    private static Listener listen(String caller) {
        return Listener.connect(
                server.uri("/api/v1/stream"),
                builder -> builder.header("Authorization", "Bearer " + RunningServer.token(caller)));
    }
}
