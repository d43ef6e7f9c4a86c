package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Rounds;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A fleet of up to ten thousand agents, some of them open, over a kill of its server: nobody is missing, and each open
 * circuit is open for the reason that it was open for.
 */
@Tag("heavy")
@Tag("thorough")
class RestartedFleetTest {
    private static final int AGENTS = (int) Math.max(500, Math.min(10_000, 10_000 * Rounds.share()));
    private static final int TRIPPED = AGENTS * 516 / 10_000;

    /** What is said of an opening, and must be the same afterwards. */
    private static final List<String> OPENING =
            List.of("state", "cause", "kind", "actor", "reason", "opened_at", "hold", "since");

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private ServerProcess server;

    @AfterEach
    void kill() throws InterruptedException {
        server.kill();
    }

    @Test
    void the_whole_fleet_and_the_reasons_of_its_openings_are_there_after_a_kill() throws Exception {
        server = ServerProcess.start(folder);
        calls();
        act("agent-1", "{\"action\":\"open\",\"reason\":\"a bad release\"}");
        act("agent-2", "{\"action\":\"hold_open\",\"reason\":\"maintenance\"}");
        act(open(0), "{\"action\":\"hold_open\",\"reason\":\"the vendor is asked\"}");
        act("agent-4", "{\"action\":\"hold_closed\",\"reason\":\"a load test\"}");
        act("never-called", "{\"action\":\"open\",\"reason\":\"not before Monday\"}");
        int open = TRIPPED + 3;
        Map<String, JsonObject> before = notClosed();
        assertThat(before).hasSize(open + 1);
        await("until everybody is stored")
                .atMost(Duration.ofSeconds(60))
                .until(() -> stored("agent_registry") == AGENTS && stored("circuit_breaker_state") >= open + 1);

        server.kill();
        server = ServerProcess.start(folder);

        JsonObject circuits = new JsonObject(get("/api/v1/circuits/"));
        assertThat(circuits.size()).isEqualTo(AGENTS);
        assertThat(count(circuits, "open")).isEqualTo(open);
        assertThat(circuits.getJsonObject("agent-5").getBoolean("idle")).isTrue();
        assertThat(circuits.getJsonObject("agent-1").getBoolean("idle")).isFalse();
        assertThat(new JsonObject(get("/api/v1/agents")).getJsonArray("agents")).hasSize(AGENTS);
        assertThat(new JsonObject(get("/api/v1/agents?state=open")).getJsonArray("agents"))
                .hasSize(open);
        assertThat(get("/metrics"))
                .contains("interlock_circuits_by_state{state=\"open\"} " + open + "\n")
                .contains("interlock_circuits_by_state{state=\"closed\"} " + (AGENTS - open) + "\n");
        String status = status();
        assertThat(status.lines().reduce((one, other) -> other).orElseThrow())
                .isEqualTo(String.format(
                        "%,d circuits: %,d open, 0 half-open, %,d closed, %,d of them not called since the server's"
                                + " start",
                        AGENTS, open, AGENTS - open, AGENTS - open - 1));
        assertThat(status)
                .doesNotContain("resumed", "adopted")
                .containsPattern("agent-1 .*override by .*: a bad release \\(since before the restart\\)")
                .containsPattern(open(1) + " .*failure streak \\(TIMEOUT\\) \\(since before the restart\\)");

        Map<String, JsonObject> after = notClosed();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, was) -> {
            for (String field : OPENING) {
                assertThat(after.get(name).getValue(field))
                        .as(field + " of " + name)
                        .isEqualTo(was.getValue(field));
            }
            assertThat(after.get(name).getString("carried_over")).as(name).isEqualTo("restart");
        });

        succeed("agent-5");
        assertThat(new JsonObject(get("/api/v1/circuits/agent-5")).getBoolean("idle"))
                .as("a call ends that")
                .isFalse();
    }

    /** One good call each, and five time-outs of those that are to open. */
    private void calls() throws IOException, InterruptedException {
        StringBuilder lines = new StringBuilder();
        Set<Integer> tripped = IntStream.range(0, TRIPPED)
                .mapToObj(RestartedFleetTest::tripped)
                .collect(Collectors.toSet());
        int called = AGENTS - 1;
        for (int i = 0; i < called; i++) {
            String agent = "{\"agent_id\":\"agent-" + i + "\",\"outcome\":";
            lines.append(
                    tripped.contains(i)
                            ? (agent + "\"failure\",\"kind\":\"TIMEOUT\"}\n").repeat(5)
                            : agent + "\"success\"}\n");
            if (lines.length() > 100_000 || i == called - 1) {
                HttpResponse<String> answer = client.send(
                        request("/api/v1/outcomes")
                                .header("Content-Type", "application/x-ndjson")
                                .POST(BodyPublishers.ofString(lines.toString()))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(new JsonObject(answer.body()).getInteger("refused"))
                        .as(answer.body())
                        .isZero();
                lines.setLength(0);
            }
        }
    }

    private static int tripped(int number) {
        return 10 + number * 19;
    }

    private static String open(int number) {
        return "agent-" + tripped(number);
    }

    private void succeed(String agent) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                request("/api/v1/circuits/" + agent + "/outcomes")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"outcome\":\"success\"}"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    private void act(String agent, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                request("/api/v1/circuits/" + agent + "/action")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** Those that are open or held, by name. */
    private Map<String, JsonObject> notClosed() throws IOException, InterruptedException {
        JsonObject all = new JsonObject(get("/api/v1/circuits/"));
        Map<String, JsonObject> found = new TreeMap<>();
        all.fieldNames().forEach(name -> {
            JsonObject circuit = all.getJsonObject(name);
            if (!circuit.getString("state").equals("closed") || circuit.getValue("hold") != null) {
                found.put(name, circuit);
            }
        });
        return found;
    }

    private static long count(JsonObject circuits, String state) {
        return circuits.stream()
                .filter(each ->
                        ((JsonObject) each.getValue()).getString("state").equals(state))
                .count();
    }

    private String status() throws IOException {
        StringWriter out = new StringWriter();
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        assertThat(command.execute("status", "--url", server.address(), "--key", server.adminKey()))
                .isZero();
        return out.toString();
    }

    private int stored(String table) throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("interlock.db"));
                Statement statement = database.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM " + table)) {
            count.next();
            return count.getInt(1);
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request(path).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        return answer.body();
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create(server.address() + path))
                .header("Authorization", "Bearer " + server.adminKey());
    }
}
