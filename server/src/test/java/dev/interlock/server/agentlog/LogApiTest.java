package dev.interlock.server.agentlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.FailureKind;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.Execution;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent log over HTTP, from a batch to circuits, rows and refusals. Each test has an organization of its own. */
class LogApiTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static RunningServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_batch_comes_back_as_it_was_sent_in_both_forms() {
        JsonObject entry = entry("planner", "success")
                .put("entry_id", "e1")
                .put("execution_id", "run-1")
                .put("input_summary", "plan my day")
                .put("latency_ms", 1_234.4)
                .put("token_count", 812)
                .put("cost_usd", 0.0031)
                .put(
                        "metadata",
                        new JsonObject().put("deep", new JsonArray().add(1).addNull()));
        assertTaken(send(server, "agent@forms", batch("entries", entry).put("sent_at", Instant.now())), 1);
        assertTaken(send(server, "agent@forms", batch("logs", entry("planner", "failure"))), 1);
        assertTaken(
                send(
                        server,
                        "agent@forms",
                        batch("logs", entry("critic", "success")).put("organization_id", "forms")),
                1);

        List<JsonObject> rows = awaitRows(server, "forms", "planner", 2);
        assertThat(rows.get(0).getString("status")).isEqualTo("failure");
        JsonObject row = rows.get(1);
        assertThat(row.getInteger("latency_ms")).isEqualTo(1_234);
        for (String field :
                List.of("entry_id", "execution_id", "input_summary", "token_count", "cost_usd", "metadata")) {
            assertThat(row.getValue(field)).as(field).isEqualTo(entry.getValue(field));
        }
    }

    @Test
    void what_a_call_depended_on_who_made_it_and_when_to_come_back_counts_and_is_kept() {
        server.send("PUT", "/api/v1/policies/model:*", "admin@depends", "{\"base\":\"upstream\"}");
        String key = key("depends", "\"speaks_for\":\"team-*\"");
        JsonObject limited = entry("planner", "failure")
                .put("error_kind", "RATE_LIMITED")
                .put("retry_after_ms", 90_000)
                .put("depends_on", new JsonArray().add("model:m").add("key:k"))
                .put("caller", "team-a");
        assertTaken(sendWith(key, batch("entries", limited)), 1);

        assertThat(circuit(server, "depends", "key:k").getString("state")).isEqualTo("open");
        assertThat(circuit(server, "depends", "key:k").getLong("retry_after_ms"))
                .isBetween(60_000L, 108_000L);
        assertThat(state(server, "depends", "model:m")).isEqualTo("closed");
        assertThat(circuit(server, "depends", "planner").getInteger("failure_count"))
                .isZero();
        JsonObject row = awaitRows(server, "depends", "planner", 1).get(0);
        for (String field : List.of("depends_on", "caller", "retry_after_ms")) {
            assertThat(row.getValue(field)).as(field).isEqualTo(limited.getValue(field));
        }

        assertTaken(sendWith(key, batch("entries", entry("planner", "success").put("depends_on", null))), 1);
        JsonObject bare = awaitRows(server, "depends", "planner", 2).get(0);
        assertThat(bare.getJsonArray("depends_on")).isEmpty();
        assertThat(bare.getValue("caller")).isNull();
        assertThat(bare.getValue("retry_after_ms")).isNull();
    }

    @Test
    void an_agent_that_fails_alone_by_its_log_opens_its_own_circuit() {
        server.send("PUT", "/api/v1/policies/model:*", "admin@alone", "{\"base\":\"upstream\"}");
        String collector = key("alone", "\"speaks_for\":\"*\"");
        assertTaken(sendWith(collector, batch("entries", ofModel("writer", "success"))), 1);
        for (int i = 0; i < 12; i++) {
            assertTaken(sendWith(collector, batch("entries", ofModel("planner", "failure"))), 1);
        }
        assertThat(state(server, "alone", "model:m")).isEqualTo("closed");
        assertThat(circuit(server, "alone", "planner").getString("cause")).isEqualTo("caller_alone");
        assertThat(awaitRows(server, "alone", "writer", 1).get(0).getString("caller"))
                .as("a collector speaks for the agents of its entries")
                .isEqualTo("writer");

        String plain = key("crowd", "\"speaks_for\":null");
        server.send("PUT", "/api/v1/policies/model:*", "admin@crowd", "{\"base\":\"upstream\"}");
        for (int i = 0; i < 5; i++) {
            assertTaken(sendWith(plain, batch("entries", ofModel("agent-" + i, "failure"))), 1);
        }
        assertThat(state(server, "crowd", "model:m"))
                .as("one key is one caller, and all that there are are failing")
                .isEqualTo("open");
    }

    @Test
    void callers_and_dependencies_that_a_key_may_not_name_are_refused_alone() {
        String key = key("named", "\"agents\":\"billing-*\"");
        JsonObject answer = RunningServer.json(sendWith(
                key,
                batch(
                        "entries",
                        entry("billing-1", "success").put("caller", "team-a"),
                        entry("billing-1", "success").put("depends_on", new JsonArray().add("planner")),
                        entry("billing-1", "success")
                                .put(
                                        "depends_on",
                                        new JsonArray().add("model:m").add("billing-2")))));

        assertThat(answer.getInteger("accepted")).isEqualTo(1);
        assertThat(answer.getJsonArray("errors").getJsonObject(0).getString("detail"))
                .isEqualTo(
                        "caller = 'team-a': this key may not speak for it; an admin makes keys that name callers with"
                                + " speaks_for, a name pattern");
        assertThat(answer.getJsonArray("errors").getJsonObject(1).getString("detail"))
                .isEqualTo("depends_on: this key may not report calls that depend on 'planner'; it is limited to"
                        + " 'billing-*'");
    }

    @Test
    void a_breach_that_only_the_log_shows_opens_the_circuit_within_a_second() {
        JsonObject batch = batch("entries");
        for (int i = 0; i < 5; i++) {
            batch.getJsonArray("entries").add(entry("planner", "failure").put("error_kind", "TIMEOUT"));
        }
        assertThat(state(server, "breach", "planner")).isEqualTo("closed");

        assertTaken(send(server, "agent@breach", batch), 5);

        await().atMost(Duration.ofSeconds(1))
                .until(() -> state(server, "breach", "planner").equals("open"));
        JsonObject circuit = circuit(server, "breach", "planner");
        assertThat(circuit.getString("cause")).isEqualTo("failure_streak");
        assertThat(circuit.getString("kind")).isEqualTo("TIMEOUT");
    }

    @Test
    void a_circuit_that_is_only_watched_closes_by_itself_once_its_calls_succeed() {
        server.send("PUT", "/api/v1/policies/planner", "admin@heals", "{\"cooldown\":\"50ms\"}");
        JsonObject failures = batch("entries");
        for (int i = 0; i < 5; i++) {
            failures.getJsonArray("entries").add(entry("planner", "failure"));
        }
        assertTaken(send(server, "agent@heals", failures), 5);
        assertThat(state(server, "heals", "planner")).isIn("open", "half_open");

        await().atMost(SOON).until(() -> {
            assertTaken(send(server, "agent@heals", batch("entries", entry("planner", "success"))), 1);
            return state(server, "heals", "planner").equals("closed");
        });
        assertThat(awaitTransitions("heals", "planner")).contains("closed>open", "half_open>closed");
    }

    @Test
    void a_batch_that_is_sent_twice_counts_once() {
        JsonObject batch = batch("entries");
        for (int i = 0; i < 3; i++) {
            batch.getJsonArray("entries").add(entry("planner", "failure").put("entry_id", "e" + i));
        }
        for (int i = 0; i < 3; i++) {
            assertTaken(send(server, "agent@twice", batch), 3);
        }

        assertThat(circuit(server, "twice", "planner").getInteger("failure_count"))
                .isEqualTo(3);
        assertThat(state(server, "twice", "planner")).isEqualTo("closed");
        assertThat(awaitRows(server, "twice", "planner", 3)).hasSize(3);
    }

    @Test
    void a_batch_that_is_sent_again_after_a_restart_counts_once() {
        JsonObject batch = batch("entries");
        for (int i = 0; i < 5; i++) {
            batch.getJsonArray("entries").add(entry("planner", "failure").put("entry_id", "e" + i));
        }
        try (RunningServer first = RunningServer.on(folder)) {
            assertTaken(send(first, "agent@acme", batch), 5);
            assertThat(state(first, "acme", "planner")).isEqualTo("open");
            first.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"reset\"}");
        }
        try (RunningServer second = RunningServer.on(folder)) {
            assertTaken(send(second, "agent@acme", batch), 5);

            assertThat(state(second, "acme", "planner")).isEqualTo("closed");
            assertThat(circuit(second, "acme", "planner").getInteger("failure_count"))
                    .isZero();
            assertThat(rows(second, "acme", "planner", "&action_type=llm_inference"))
                    .hasSize(5);
            assertThat(second.get("/api/v1/agents/planner", "viewer@acme").statusCode())
                    .as("an agent is known after a restart")
                    .isEqualTo(200);
        }
    }

    @Test
    void a_bad_entry_is_refused_alone_with_its_place_and_what_would_be_right() {
        JsonObject answer = RunningServer.json(send(
                server,
                "agent@partly",
                batch("entries", entry("planner", "failure"), entry("planner", "explode"), entry(" ", "success"))
                        .put("sent_at", Instant.now())));

        assertThat(answer.getInteger("accepted")).isEqualTo(1);
        assertThat(answer.getJsonArray("errors")).hasSize(2);
        assertThat(answer.getJsonArray("errors").getJsonObject(0).getInteger("index"))
                .isEqualTo(1);
        assertThat(answer.getJsonArray("errors").getJsonObject(0).getString("detail"))
                .isEqualTo("status = 'explode': must be one of success, failure, cancelled");
        assertThat(circuit(server, "partly", "planner").getInteger("failure_count"))
                .isEqualTo(1);
    }

    @Test
    void what_is_anothers_is_refused() {
        HttpResponse<String> refused = send(
                server,
                "agent@globex",
                batch("logs", entry("planner", "failure")).put("organization_id", "acme"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(circuit(server, "globex", "planner").getInteger("failure_count"))
                .isZero();

        String key = RunningServer.json(server.post(
                        "/api/v1/keys",
                        "admin@globex",
                        "{\"name\":\"billing\",\"role\":\"agent\",\"agents\":\"billing-*\"}"))
                .getString("key");
        HttpResponse<String> partly =
                sendWith(key, batch("logs", entry("planner", "failure"), entry("billing-1", "failure")));
        assertThat(RunningServer.json(partly).getInteger("accepted")).isEqualTo(1);
        assertThat(RunningServer.json(partly).getJsonArray("errors").encode())
                .contains("\"index\":0", "limited to 'billing-*'");
        assertThat(circuit(server, "globex", "planner").getInteger("failure_count"))
                .isZero();
        awaitRows(server, "globex", "billing-1", 1);
        assertThat(rows(server, "acme", "billing-1", ""))
                .as("another organization's")
                .isEmpty();
    }

    @Test
    void what_is_no_batch_or_too_much_is_refused_as_a_whole() {
        for (String body : List.of("", "[]", "{}", "{\"entries\":[],\"logs\":[]}", "{\"entries\":[", "\u00e9")) {
            HttpResponse<String> answer = server.post("/api/v1/logs/batch", "agent@acme", body);
            assertThat(answer.statusCode()).as(body).isEqualTo(400);
        }
        assertThat(server.post("/api/v1/logs/batch", "agent@acme", "{\"entries\":[" + "0,".repeat(1_000) + "0]}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.post("/api/v1/logs/batch", "agent@acme", " ".repeat(8_388_609))
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void rows_are_filtered_and_paged() {
        JsonObject batch = batch("entries");
        for (int i = 0; i < 25; i++) {
            batch.getJsonArray("entries")
                    .add(entry("planner", i % 5 == 0 ? "failure" : "success")
                            .put("entry_id", "e" + i)
                            .put("action_type", i % 2 == 0 ? "tool_call" : "decision")
                            .put("execution_id", "run/ä " + i % 3)
                            .put("guarded", true));
        }
        assertTaken(send(server, "agent@paged", batch), 25);
        awaitRows(server, "paged", "planner", 25);

        assertThat(rows(server, "paged", "planner", "&status=failure")).hasSize(5);
        assertThat(rows(server, "paged", "planner", "&action_type=tool_call&status=failure"))
                .hasSize(3);
        assertThat(rows(server, "paged", "planner", "&execution_id=run%2F%C3%A4%202"))
                .hasSize(8);
        List<String> read = new ArrayList<>();
        String next = "/api/v1/agents/planner/logs?limit=4&execution_id=run%2F%C3%A4%200";
        while (next != null) {
            HttpResponse<String> page = server.get(next, "viewer@paged");
            assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
            RunningServer.json(page)
                    .getJsonArray("logs")
                    .forEach(row -> read.add(((JsonObject) row).getString("entry_id")));
            next = page.headers()
                    .firstValue("Link")
                    .map(link -> link.replaceFirst("^<([^>]*)>.*", "$1"))
                    .orElse(null);
        }
        assertThat(read).containsExactly("e24", "e21", "e18", "e15", "e12", "e9", "e6", "e3", "e0");
    }

    @Test
    void secrets_of_senders_without_a_redactor_are_taken_out() {
        String secret = "sk-proj-" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY".repeat(1);
        assertTaken(
                send(
                        server,
                        "agent@leaky",
                        batch(
                                "entries",
                                entry("planner", "failure")
                                        .put("error_message", "401 with " + secret)
                                        .put("metadata", new JsonObject().put("password", "hunter2")))),
                1);

        assertThat(awaitRows(server, "leaky", "planner", 1).get(0).encode())
                .contains("[redacted")
                .doesNotContain(secret, "hunter2");
    }

    @Test
    void the_librarys_logger_feeds_a_real_server() {
        try (AgentLogger log = AgentLogger.http(server.uri("/"), RunningServer.token("agent@library"))
                .batchSize(10)
                .build()) {
            for (int i = 0; i < 5; i++) {
                try (Execution run = log.execution("planner")) {
                    run.llmInference("kimi-k2").fail(FailureKind.OVERLOADED, "529");
                    run.decision("route", "by train");
                }
            }
            await().atMost(SOON).until(() -> log.figures().accepted() == 10);
            assertThat(log.figures().refused()).isZero();
            assertThat(log.figures().lost()).isZero();
        }

        assertThat(state(server, "library", "planner")).isEqualTo("open");
        JsonObject agent = RunningServer.json(server.get("/api/v1/agents/planner", "viewer@library"));
        assertThat(agent.getJsonArray("depends_on").encode()).contains("model:kimi-k2");
    }

    private static List<String> awaitTransitions(String organization, String agent) {
        List<String> heard = new ArrayList<>();
        await().atMost(SOON).until(() -> {
            heard.clear();
            for (JsonObject row : rows(server, organization, agent, "&action_type=custom")) {
                if (row.getString("action_name").equals("circuit_transition")) {
                    JsonObject metadata = row.getJsonObject("metadata");
                    heard.add(metadata.getString("from") + ">" + metadata.getString("to"));
                    assertThat(row.getBoolean("guarded")).isTrue();
                }
            }
            return heard.contains("half_open>closed");
        });
        return heard;
    }

    private static List<JsonObject> awaitRows(RunningServer of, String organization, String agent, int rows) {
        await().atMost(SOON).until(() -> sent(of, organization, agent).size() >= rows);
        return sent(of, organization, agent);
    }

    /** What was sent, without what the server itself has noted meanwhile. */
    private static List<JsonObject> sent(RunningServer of, String organization, String agent) {
        return rows(of, organization, agent, "").stream()
                .filter(row -> !row.getString("action_name").endsWith("_transition"))
                .toList();
    }

    private static List<JsonObject> rows(RunningServer of, String organization, String agent, String filter) {
        List<JsonObject> rows = new ArrayList<>();
        HttpResponse<String> answer =
                of.get("/api/v1/agents/" + agent + "/logs?limit=1000" + filter, "viewer@" + organization);
        RunningServer.json(answer).getJsonArray("logs").forEach(row -> rows.add((JsonObject) row));
        return rows;
    }

    private static String state(RunningServer of, String organization, String agent) {
        return circuit(of, organization, agent).getString("state");
    }

    private static JsonObject circuit(RunningServer of, String organization, String agent) {
        return RunningServer.json(of.get("/api/v1/circuits/" + agent, "viewer@" + organization));
    }

    private static HttpResponse<String> send(RunningServer to, String caller, JsonObject batch) {
        return to.post("/api/v1/logs/batch", caller, batch.encode());
    }

    private static JsonObject ofModel(String agent, String status) {
        JsonObject entry = entry(agent, status).put("depends_on", new JsonArray().add("model:m"));
        return status.equals("success") ? entry : entry.put("error_kind", "SERVER_ERROR");
    }

    /** A new key of role agent. */
    private static String key(String organization, String more) {
        HttpResponse<String> made = server.post(
                "/api/v1/keys", "admin@" + organization, "{\"name\":\"a key\",\"role\":\"agent\"," + more + "}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return RunningServer.json(made).getString("key");
    }

    private static HttpResponse<String> sendWith(String key, JsonObject batch) {
        return server.send(server.request("/api/v1/logs/batch", null)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(batch.encode()))
                .build());
    }

    private static void assertTaken(HttpResponse<String> answer, int entries) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(RunningServer.json(answer))
                .isEqualTo(new JsonObject().put("accepted", entries).put("errors", new JsonArray()));
    }

    private static JsonObject batch(String member, JsonObject... entries) {
        JsonArray array = new JsonArray();
        List.of(entries).forEach(array::add);
        return new JsonObject().put(member, array);
    }

    private static JsonObject entry(String agent, String status) {
        return new JsonObject()
                .put("agent_id", agent)
                .put("action_type", "llm_inference")
                .put("action_name", "kimi-k2")
                .put("status", status)
                .put("timestamp", Instant.now());
    }
}
