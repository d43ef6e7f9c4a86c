package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own, ended by a signal, and started again on the same folder. */
class ServerRestartTest {
    private static final Pattern ADDRESS = Pattern.compile("address=\"(http://[^\"]+)\"");
    private static final int KILLED = 128 + 9;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private Process process;
    private String address;

    @AfterEach
    void stop() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    @Test
    void what_was_acknowledged_is_there_after_a_kill() throws IOException, InterruptedException {
        start();
        assertThat(order("planner", "{\"action\":\"open\",\"reason\":\"too many time-outs\"}"))
                .isEqualTo("{\"status\":\"opened\",\"agent_id\":\"planner\"}");
        assertThat(order("critic", "{\"action\":\"hold_closed\",\"until\":\"2999-01-01T00:00:00Z\"}"))
                .isEqualTo("{\"status\":\"held_closed\",\"agent_id\":\"critic\"}");
        JsonObject before = circuit("planner");
        process.toHandle().destroyForcibly();
        assertThat(process.waitFor()).isEqualTo(KILLED);

        start();

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
        start();
        order("planner", "{\"action\":\"open\"}");

        process.destroy();

        assertThat(process.waitFor()).isZero();
        start();
        assertThat(circuit("planner").getString("state")).isEqualTo("open");
    }

    private void start() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "serve",
                        "--port",
                        "0",
                        "--data-dir",
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader log = process.inputReader();
        StringBuilder said = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            said.append(line).append('\n');
            Matcher found = ADDRESS.matcher(line);
            if (found.find()) {
                address = found.group(1);
                return;
            }
        }
        throw new AssertionError("The server ended before it was ready:\n" + said);
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
        String key = Files.readString(folder.resolve("admin-key")).strip();
        return HttpRequest.newBuilder(URI.create(address + path)).header("Authorization", "Bearer " + key);
    }
}
