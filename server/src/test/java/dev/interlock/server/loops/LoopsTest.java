package dev.interlock.server.loops;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Loops over HTTP: found in the agent log and in traces, refused where a permit names the execution. */
class LoopsTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer(Map.of("loop-except", "tool:poll_*, tool:*/status", "loop-ignored-fields", "at"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void an_execution_in_a_loop_is_refused_and_no_circuit_moves() {
        for (int i = 0; i < 3; i++) {
            assertThat(permit("searcher", "run-1").statusCode()).isEqualTo(200);
            log("searcher", "run-1", "search", "{\\\"q\\\": \\\"x\\\", \\\"at\\\": " + i + "}", "nothing found", i);
        }
        HttpResponse<String> refused = permit("searcher", "run-1");
        assertThat(refused.statusCode()).isEqualTo(503);
        JsonObject problem = json(refused);
        assertThat(problem.getString("type")).isEqualTo("gate-closed");
        assertThat(problem.getString("reason")).isEqualTo("loop");
        assertThat(problem.getString("detail"))
                .contains("repeats itself: the same call had the same result")
                .matches(".*; its further calls are refused for \\d+ s\\. Do not repeat this call\\.");
        assertThat(problem.getString("gate")).startsWith("loop:").doesNotContain("run-1");

        assertThat(permit("searcher", "run-2").statusCode()).isEqualTo(200);
        assertThat(permit("searcher", null).statusCode()).isEqualTo(200);
        assertThat(state("searcher")).isEqualTo("closed");
        assertThat(server.get("/metrics", "viewer@acme").body()).contains("interlock_loops_total");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> server.get("/api/v1/agents/searcher/logs?action_type=custom", "viewer@acme")
                        .body()
                        .contains("came to the same end 3 times"));
    }

    @Test
    void without_an_execution_a_loop_is_a_failure_of_its_agent() {
        for (int i = 0; i < 3; i++) {
            assertThat(state("loner")).isEqualTo("closed");
            log("loner", null, "search", "same", "nothing found", i);
        }
        JsonObject circuit = json(server.get("/api/v1/circuits/loner", "viewer@acme"));
        assertThat(circuit.getString("state")).isEqualTo("open");
        assertThat(circuit.getString("kind")).isEqualTo("LOOP");
    }

    @Test
    void excepted_tools_may_be_called_again_and_again() {
        for (int i = 0; i < 10; i++) {
            log("poller", "run-3", "poll_job", "{}", "running", i);
            log("poller", "run-3", "job/status", "{}", "running", i);
        }
        assertThat(permit("poller", "run-3").statusCode()).isEqualTo(200);
    }

    @Test
    void traces_that_capture_arguments_and_results_show_loops_and_nothing_of_them_is_kept() {
        for (int i = 0; i < 3; i++) {
            trace("tracer", i);
        }
        assertThat(permit("tracer", "5b8efff798038103d269b633813fc60c").statusCode())
                .isEqualTo(503);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> server.get("/api/v1/agents/tracer/logs", "viewer@acme")
                        .body()
                        .contains("arguments_digest"));
        assertThat(server.get("/api/v1/agents/tracer/logs", "viewer@acme").body())
                .doesNotContain("a-hidden-argument", "a-hidden-result");
    }

    @Test
    void who_only_wants_to_know_refuses_nothing() {
        try (RunningServer warning = new RunningServer(Map.of("on-loop", "warn"))) {
            for (int i = 0; i < 4; i++) {
                assertThat(warning.post("/api/v1/logs/batch", "agent@acme", entry("a", "run", "t", "x", "y", i))
                                .statusCode())
                        .isEqualTo(200);
                warning.post("/api/v1/logs/batch", "agent@acme", entry("b", null, "t", "x", "y", i));
            }
            assertThat(warning.post("/api/v1/circuits/a/permits", "agent@acme", "{\"execution\": \"run\"}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(json(warning.get("/api/v1/circuits/b", "viewer@acme")).getString("state"))
                    .isEqualTo("closed");
            assertThat(warning.get("/metrics", "viewer@acme").body()).contains("interlock_loops_total 2.0");
        }
    }

    @Test
    void a_client_that_decides_locally_hears_of_it_in_the_receipt_of_what_it_logged() {
        for (int i = 0; i < 3; i++) {
            assertThat(report(i + 1, entry("walker", "run-4", "search", "same", "nothing found", i)))
                    .hasSize(i < 2 ? 0 : 1);
        }
        JsonArray said = report(4, entry("walker", "run-4", "search", "same", "nothing found", 3));
        JsonObject loop = said.getJsonObject(0);
        assertThat(loop.getString("agent_id")).isEqualTo("walker");
        assertThat(loop.getString("execution")).isEqualTo("run-4");
        assertThat(loop.getLong("retry_after_ms")).isBetween(60_000L, 3_600_000L);
        assertThat(report(5, entry("walker", "run-5", "search", "same", "nothing found", 4)))
                .isEmpty();
    }

    /** What the receipt of a report says of loops. */
    private static JsonArray report(int batch, String entries) {
        JsonObject body = new JsonObject(entries)
                .put("client", "a-client-that-logs")
                .put("watch", new JsonArray().add("walker"))
                .put("batch", batch);
        HttpResponse<String> answer = server.post("/api/v1/sync", "agent@acme", body.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer).getJsonObject("receipt").getJsonArray("loops");
    }

    private static HttpResponse<String> permit(String agent, String execution) {
        return server.post(
                "/api/v1/circuits/" + agent + "/permits",
                "agent@acme",
                execution == null ? "{}" : "{\"execution\": \"" + execution + "\"}");
    }

    private static void log(String agent, String execution, String tool, String arguments, String result, int second) {
        HttpResponse<String> answer = server.post(
                "/api/v1/logs/batch", "agent@acme", entry(agent, execution, tool, arguments, result, second));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static String entry(
            String agent, String execution, String tool, String arguments, String result, int second) {
        return "{\"entries\": [{\"agent_id\": \"" + agent + "\", \"action_type\": \"tool_call\", \"action_name\": \""
                + tool + "\", \"execution_id\": " + (execution == null ? "null" : "\"" + execution + "\"")
                + ", \"status\": \"success\", \"input_summary\": \"" + arguments + "\", \"output_summary\": \""
                + result + "\", \"latency_ms\": 10, \"timestamp\": \""
                + Instant.now().minusSeconds(60 - second) + "\"}]}";
    }

    private static void trace(String agent, int number) {
        Instant end = Instant.now().minusSeconds(30 - number);
        String span = ("{'resourceSpans': [{'resource': {'attributes': [{'key': 'interlock.agent', 'value':"
                        + " {'stringValue': '" + agent + "'}}]}, 'scopeSpans': [{'spans': [{'traceId':"
                        + " '5b8efff798038103d269b633813fc60c', 'spanId': 'eee19b7ec3c1b17" + number
                        + "', 'name': 'execute_tool', 'startTimeUnixNano': '" + nanos(end.minusMillis(500))
                        + "', 'endTimeUnixNano': '" + nanos(end) + "', 'attributes': ["
                        + "{'key': 'gen_ai.operation.name', 'value': {'stringValue': 'execute_tool'}},"
                        + "{'key': 'gen_ai.tool.name', 'value': {'stringValue': 'search'}},"
                        + "{'key': 'gen_ai.tool.call.arguments', 'value': {'stringValue': 'a-hidden-argument'}},"
                        + "{'key': 'gen_ai.tool.call.result', 'value': {'stringValue': 'a-hidden-result'}}]}]}]}]}")
                .replace('\'', '"');
        HttpResponse<String> answer = server.post("/v1/traces", "agent@acme", span);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static String state(String agent) {
        return json(server.get("/api/v1/circuits/" + agent, "viewer@acme")).getString("state");
    }

    private static String nanos(Instant at) {
        return Long.toString(at.getEpochSecond() * 1_000_000_000L + at.getNano());
    }
}
