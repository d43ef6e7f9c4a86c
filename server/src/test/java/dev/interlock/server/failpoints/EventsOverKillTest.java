package dev.interlock.server.failpoints;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.server.RunningServer;
import dev.interlock.server.outbound.Provider;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server is killed by signal 9 once stops were acknowledged and a budget is used up, before anything was sent: the next
 * life says so, once.
 */
@Tag("heavy")
@Tag("thorough")
class EventsOverKillTest {
    private static final Map<String, String> SETTINGS = Map.of("outbound-hosts", "127.0.0.1");
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final Provider receiver = new Provider();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void what_was_acknowledged_is_said_once_by_the_next_life() throws IOException, InterruptedException {
        liveAndDie();
        assertThat(receiver.requests).as("a message waits for more of its kind").isEmpty();
        try (RunningServer next = RunningServer.on(folder, SETTINGS)) {
            await().atMost(LONG)
                    .until(() -> bodies("stop.began").size()
                                    + bodies("budget.used_up").size()
                            >= 2);
            await().atMost(LONG)
                    .until(() -> json(next.get("/api/v1/webhooks", "admin@acme"))
                                    .getJsonArray("webhooks")
                                    .getJsonObject(0)
                                    .getInteger("waiting")
                            == 0);
        }
        assertThat(bodies("stop.began")).hasSize(1);
        JsonObject stops = bodies("stop.began").get(0).getJsonObject("data");
        assertThat(stops.getInteger("count")).isEqualTo(3);
        assertThat(stops.getJsonArray("events").encode()).contains("planner-0-*", "planner-1-*", "planner-2-*");
        assertThat(bodies("budget.used_up")).hasSize(1);
        JsonObject budget = bodies("budget.used_up").get(0).getJsonObject("data");
        assertThat(budget.getInteger("count")).isEqualTo(1);
        assertThat(budget.getJsonArray("events").getJsonObject(0).getString("budget_id"))
                .isEqualTo("all");
    }

    private void liveAndDie() throws IOException, InterruptedException {
        Process victim = ServerVictim.start(Failpoint.ALERT_SENT, 1_000, folder, SETTINGS);
        try (BufferedReader lines = victim.inputReader()) {
            String url = ServerVictim.url(lines);
            assertThat(send("POST", url + "/api/v1/webhooks", "admin", """
                {"name": "on call", "on": ["stops", "budgets"], "url": "%s"}\
                """.formatted(receiver.url("/"))))
                    .isEqualTo(201);
            assertThat(send("PUT", url + "/api/v1/budgets/all", "admin", """
                {"pattern": "spender", "per": "day", "calls": 1}\
                """)).isEqualTo(200);
            assertThat(send("POST", url + "/api/v1/circuits/spender/outcomes", "agent", "{\"outcome\": \"success\"}"))
                    .isEqualTo(200);
            String permits = url + "/api/v1/circuits/spender/permits";
            await().atMost(LONG).until(() -> send("POST", permits, "agent", "{}") == 503);
            for (int i = 0; i < 3; i++) {
                assertThat(send("POST", url + "/api/v1/actions", "operator", """
                    {"action": "stop", "covers": "agents", "pattern": "planner-%d-*"}\
                    """.formatted(i)))
                        .isEqualTo(200);
            }
        } finally {
            victim.destroyForcibly().waitFor(); // signal 9
        }
    }

    private List<JsonObject> bodies(String type) {
        return receiver.requests.stream()
                .map(each -> new JsonObject(each.substring(each.indexOf("\r\n\r\n") + 4)))
                .filter(each -> each.getString("type").equals(type))
                .toList();
    }

    private int send(String method, String url, String role, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(LONG)
                .header("Authorization", "Bearer " + RunningServer.token(role + "@acme"))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        HttpResponse<Void> answer = client.send(request, BodyHandlers.discarding());
        return answer.statusCode();
    }
}
