package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own, ended by a signal, and started again on the same folder. */
class ServerRestartTest {
    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private ServerProcess server;

    @AfterEach
    void stop() throws InterruptedException {
        server.kill();
    }

    @Test
    void what_was_acknowledged_is_there_after_a_kill() throws IOException, InterruptedException {
        server = ServerProcess.start(folder);
        assertThat(order("planner", "{\"action\":\"open\",\"reason\":\"too many time-outs\"}"))
                .startsWith("{\"status\":\"opened\",\"agent_id\":\"planner\"");
        assertThat(order("critic", "{\"action\":\"hold_closed\",\"until\":\"2999-01-01T00:00:00Z\"}"))
                .startsWith("{\"status\":\"held_closed\",\"agent_id\":\"critic\"");
        JsonObject before = circuit("planner");
        server.kill();

        server = ServerProcess.start(folder);

        JsonObject after = circuit("planner");
        assertThat(after.getString("state")).isEqualTo("open");
        assertThat(after.getString("reason")).isEqualTo("too many time-outs");
        assertThat(after.getString("opened_at")).isEqualTo(before.getString("opened_at"));
        assertThat(after.getLong("epoch")).isGreaterThan(before.getLong("epoch"));
        assertThat(after.getLong("retry_after_ms"))
                .as("the cooldown that was left")
                .isLessThan(before.getLong("retry_after_ms"));
        assertThat(Instant.parse(after.getString("cooldown_until")))
                .isBeforeOrEqualTo(Instant.parse(before.getString("opened_at")).plusSeconds(60));
        assertThat(circuit("critic").getJsonObject("hold").getString("until")).isEqualTo("2999-01-01T00:00:00Z");
        assertThat(get("/api/v1/circuits/planner/transitions").body()).contains("too many time-outs");
    }

    @Test
    void a_server_that_is_asked_to_stop_ends_without_failure() throws IOException, InterruptedException {
        server = ServerProcess.start(folder);
        order("planner", "{\"action\":\"open\"}");

        assertThat(server.stop()).isZero();
        server = ServerProcess.start(folder);
        assertThat(circuit("planner").getString("state")).isEqualTo("open");
    }

    private String order(String agent, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                request("/api/v1/circuits/" + agent + "/action")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private JsonObject circuit(String agent) throws IOException, InterruptedException {
        return new JsonObject(get("/api/v1/circuits/" + agent).body());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create(server.address() + path))
                .header("Authorization", "Bearer " + server.adminKey());
    }
}
