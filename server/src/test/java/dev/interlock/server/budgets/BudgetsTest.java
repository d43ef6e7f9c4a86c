package dev.interlock.server.budgets;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Budgets over REST: put, used by every way in, used up, raised, and kept over a restart. */
class BudgetsTest {
    private static final String BUDGETS = "/api/v1/budgets";
    private static final Duration LIMIT = Duration.ofSeconds(30);

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
    void a_budget_that_is_used_up_stops_its_agent_and_a_raise_lets_it_go_on() {
        JsonObject put = put("stops", "{'pattern': 'research-*', 'per': 'day', 'tokens': 1000}");
        assertThat(put.getString("on_exceeded")).isEqualTo("stop");
        assertThat(put.getDouble("warn_at")).isEqualTo(0.8);
        assertThat(put.getJsonArray("usage")).isEmpty();

        settle("stops", "research-1", "'tokens_in': 900, 'tokens_out': 100");
        awaitStop("stops", "research-1");
        HttpResponse<String> refused = server.post("/api/v1/circuits/research-1/permits", "agent@stops", "{}");
        assertThat(json(refused).getString("type")).isEqualTo("gate-closed");
        assertThat(json(refused).getString("gate")).isEqualTo("budget:stops:research-1");
        String why = "The budget stops is used up: 1,000 of 1,000 tokens used in a day";
        assertThat(json(refused).getString("why")).isEqualTo(why);
        assertThat(json(refused).getString("detail"))
                .matches("research-1 is over a budget; retry in \\d+ s\\. " + why + "\\. Do not repeat this call\\.");
        assertThat(permit("stops", "research-2").statusCode()).isEqualTo(200);
        assertThat(state("stops", "research-1")).isEqualTo("closed");

        JsonObject usage = usage("stops", "research-1");
        assertThat(usage.getInteger("tokens")).isEqualTo(1_000);
        assertThat(usage.getInteger("calls")).isEqualTo(1);
        assertThat(usage.getBoolean("used_up")).isTrue();
        assertThat(Instant.parse(usage.getString("until"))).isAfter(Instant.now());

        HttpResponse<String> raised =
                post("stops", "/raise", "{'agent_id': 'research-1', 'tokens': 500, 'reason': 'the report is due'}");
        assertThat(raised.statusCode()).as(raised.body()).isEqualTo(200);
        assertThat(permit("stops", "research-1").statusCode()).isEqualTo(200);
        assertThat(usage("stops", "research-1").getJsonObject("limits").getInteger("tokens"))
                .isEqualTo(1_500);
        JsonObject line = json(server.get("/api/v1/changes?subject=budget", "admin@stops"))
                .getJsonArray("changes")
                .getJsonObject(0);
        assertThat(line.getString("actor")).startsWith("admin");
        assertThat(line.getJsonObject("after").getJsonObject("raised").getString("reason"))
                .isEqualTo("the report is due");
    }

    @Test
    void every_way_in_counts_each_call_once_failed_ones_included() {
        put("ways", "{'pattern': 'agent-*', 'per': 'day', 'tokens': 1000000, 'calls': 1000}");
        // a permit's outcome, and its entry, which is the same call
        String permit = json(permit("ways", "agent-1")).getString("permit");
        outcome("ways", "agent-1", "'permit': '" + permit + "', 'tokens_in': 10, 'tokens_out': 1");
        log("ways", "agent-1", "'guarded': true, 'permit': '" + permit + "', 'token_count': 11");
        // a permit's outcome without tokens, and its entry with them
        permit = json(permit("ways", "agent-1")).getString("permit");
        outcome("ways", "agent-1", "'permit': '" + permit + "'");
        log("ways", "agent-1", "'guarded': true, 'permit': '" + permit + "', 'input_tokens': 100, 'output_tokens': 10");
        // an outcome without a permit, of a call that failed
        post(
                "ways",
                "/api/v1/circuits/agent-1/outcomes",
                "agent",
                "{'outcome': 'failure', 'kind': 'TIMEOUT', 'tokens_in': 1000}");
        // many outcomes at once
        post(
                "ways",
                "/api/v1/outcomes",
                "agent",
                "[{'agent_id': 'agent-1', 'outcome': 'success', 'tokens_out': 10000}]");
        // a client that decides locally, twice the same report
        String report = "{'client': '" + UUID.randomUUID()
                + "', 'watch': ['agent-1'], 'batch': 1, 'outcomes': [{'agent_id': 'agent-1',"
                + " 'outcome': 'cancelled', 'tokens_in': 50000, 'tokens_out': 50000, 'tokens_cached': 100}]}";
        post("ways", "/api/v1/sync", "agent", report);
        post("ways", "/api/v1/sync", "agent", report);
        // an entry of the log, twice the same
        log("ways", "agent-1", "'entry_id': 'e1', 'token_count': 200000");
        log("ways", "agent-1", "'entry_id': 'e1', 'token_count': 200000");
        // a decision is no call
        post(
                "ways",
                "/api/v1/logs/batch",
                "agent",
                "{'entries': [{'agent_id': 'agent-1', 'action_type': 'decision', 'status': 'success',"
                        + " 'token_count': 5, 'timestamp': '" + Instant.now() + "'}]}");
        // a span, twice the same
        String span = "{'resourceSpans': [{'resource': {'attributes': [{'key': 'interlock.agent', 'value':"
                + " {'stringValue': 'agent-1'}}]}, 'scopeSpans': [{'spans': [{'traceId':"
                + " '5b8efff798038103d269b633813fc60c', 'spanId': 'eee19b7ec3c1b174', 'name': 'chat',"
                + " 'startTimeUnixNano': '" + nanos(Instant.now().minusSeconds(2)) + "', 'endTimeUnixNano': '"
                + nanos(Instant.now().minusSeconds(1)) + "', 'attributes': ["
                + "{'key': 'gen_ai.operation.name', 'value': {'stringValue': 'chat'}},"
                + "{'key': 'gen_ai.request.model', 'value': {'stringValue': 'kimi'}},"
                + "{'key': 'gen_ai.usage.input_tokens', 'value': {'intValue': '300000'}},"
                + "{'key': 'gen_ai.usage.output_tokens', 'value': {'intValue': '100000'}}]}]}]}]}";
        post("ways", "/v1/traces", "agent", span);
        post("ways", "/v1/traces", "agent", span);

        await().atMost(LIMIT).untilAsserted(() -> {
            JsonObject usage = usage("ways", "agent-1");
            assertThat(usage.getInteger("tokens")).isEqualTo(11 + 110 + 1_000 + 10_000 + 99_900 + 200_000 + 400_000);
            assertThat(usage.getInteger("cached_tokens")).isEqualTo(100);
            assertThat(usage.getInteger("calls")).isEqualTo(7);
        });
    }

    @Test
    void prices_make_dollars_of_tokens() {
        HttpResponse<String> prices = server.send(
                "PUT",
                "/api/v1/prices",
                "admin@money",
                text("{'prices': {'kimi-*': {'input': 0.6, 'output': 2.5, 'cache_read': 0.15}}}"));
        assertThat(prices.statusCode()).as(prices.body()).isEqualTo(200);
        assertThat(json(server.get("/api/v1/prices", "viewer@money")).getJsonObject("prices"))
                .isEqualTo(json(prices).getJsonObject("prices"));
        put("money", "{'pattern': 'model:*', 'per': 'month', 'zone': 'Europe/Berlin', 'cost_usd': 2}");
        String permit = json(post(
                        "money", "/api/v1/circuits/writer/permits", "agent", "{'depends_on': ['model:kimi-k2']}"))
                .getString("permit");
        outcome("money", "writer", "'permit': '" + permit + "', 'tokens_in': 1000000, 'tokens_out': 400000");
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(usage("money", "model:kimi-k2").getDouble("cost_usd")).isCloseTo(1.6, within(1e-9));
            assertThat(usage("money", "model:kimi-k2").getDouble("used")).isCloseTo(0.8, within(1e-9));
        });
        await().atMost(LIMIT)
                .until(() -> server.get("/metrics", "viewer@default")
                        .body()
                        .contains("interlock_budget_events_total{event=\"warned\"}"));
    }

    @Test
    void what_was_used_and_the_gate_outlive_the_server(@TempDir Path folder) {
        String budget = text("{'pattern': '*', 'together': true, 'per': 'month', 'calls': 3}");
        try (RunningServer first = RunningServer.on(folder)) {
            assertThat(first.send("PUT", BUDGETS + "/kept", "admin@acme", budget)
                            .statusCode())
                    .isEqualTo(200);
            for (int i = 0; i < 2; i++) {
                first.post("/api/v1/circuits/a/outcomes", "agent@acme", "{\"outcome\": \"success\"}");
            }
        }
        try (RunningServer second = RunningServer.on(folder)) {
            JsonObject usage = json(second.get(BUDGETS + "/kept", "viewer@acme"))
                    .getJsonArray("usage")
                    .getJsonObject(0);
            assertThat(usage.getInteger("calls")).isEqualTo(2);
            assertThat(usage.getValue("agent_id")).isNull();
            second.post("/api/v1/circuits/b/outcomes", "agent@acme", "{\"outcome\": \"success\"}");
            await().atMost(LIMIT)
                    .until(() -> second.post("/api/v1/circuits/c/permits", "agent@acme", "{}")
                                    .statusCode()
                            == 503);
        }
        try (RunningServer third = RunningServer.on(folder)) {
            assertThat(third.post("/api/v1/circuits/a/permits", "agent@acme", "{}")
                            .statusCode())
                    .as("before its first permit")
                    .isEqualTo(503);
            assertThat(third.send("DELETE", BUDGETS + "/kept", "admin@acme", null)
                            .statusCode())
                    .isEqualTo(204);
            assertThat(third.post("/api/v1/circuits/a/permits", "agent@acme", "{}")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'pattern': 'a', 'per': 'day'}                                    | tokens",
                "{'pattern': 'a', 'per': 'eon', 'calls': 1}                        | per = eon: must be",
                "{'pattern': 'a', 'per': 'day', 'zone': 'Atlantis', 'calls': 1}    | zone = Atlantis",
                "{'pattern': 'a', 'per': '6h', 'zone': 'UTC', 'calls': 1}          | zone = UTC: belongs to",
                "{'pattern': 'a', 'per': 'day', 'calls': 0}                        | calls",
                "{'pattern': 'a', 'per': 'day', 'calls': 1, 'on_exceeded': 'hold'} | on_exceeded",
                "{'per': 'day', 'calls': 1}                                        | pattern"
            })
    void what_is_no_budget_is_refused_with_the_reason(String body, String detail) {
        HttpResponse<String> refused = server.send("PUT", BUDGETS + "/no", "admin@wrong", text(body));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        assertThat(json(refused).getString("detail")).contains(detail);
        assertThat(json(server.get(BUDGETS, "viewer@wrong")).getJsonArray("budgets"))
                .isEmpty();
    }

    @Test
    void a_raise_fits_its_budget() {
        put("raises", "{'pattern': 'a-*', 'per': 'day', 'calls': 1}");
        assertThat(post("raises", "/raise", "{'reason': 'more'}").statusCode()).isEqualTo(400);
        assertThat(post("raises", "/raise", "{'calls': 1}").body()).contains("reason");
        assertThat(post("raises", "/raise", "{'tokens': 1, 'reason': 'more'}").body())
                .contains("has no limit of that");
        assertThat(post("raises", "/raise", "{'calls': 1, 'agent_id': 'b', 'reason': 'more'}")
                        .body())
                .contains("does not cover that name");
        assertThat(server.post(BUDGETS + "/none/raise", "admin@raises", text("{'calls': 1, 'reason': 'more'}"))
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void another_organization_sees_and_changes_nothing() {
        put("mine", "{'pattern': '*', 'per': 'day', 'calls': 1}");
        assertThat(server.get(BUDGETS + "/mine", "viewer@theirs").statusCode()).isEqualTo(404);
        assertThat(server.send("DELETE", BUDGETS + "/mine", "admin@theirs", null)
                        .statusCode())
                .isEqualTo(404);
        outcome("theirs", "a", "");
        outcome("mine", "a", "");
        awaitStop("mine", "a");
        assertThat(permit("theirs", "a").statusCode()).isEqualTo(200);
    }

    private static JsonObject put(String organization, String settings) {
        HttpResponse<String> answer =
                server.send("PUT", BUDGETS + "/" + organization, "admin@" + organization, text(settings));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    private static HttpResponse<String> post(String organization, String path, String body) {
        return server.post(BUDGETS + "/" + organization + path, "admin@" + organization, text(body));
    }

    private static HttpResponse<String> post(String organization, String path, String role, String body) {
        HttpResponse<String> answer = server.post(path, role + "@" + organization, text(body));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static HttpResponse<String> permit(String organization, String agent) {
        return server.post("/api/v1/circuits/" + agent + "/permits", "agent@" + organization, "{}");
    }

    private static void settle(String organization, String agent, String usage) {
        String permit = json(permit(organization, agent)).getString("permit");
        outcome(organization, agent, "'permit': '" + permit + "', " + usage);
    }

    private static void outcome(String organization, String agent, String rest) {
        post(
                organization,
                "/api/v1/circuits/" + agent + "/outcomes",
                "agent",
                "{'outcome': 'success'" + (rest.isEmpty() ? "" : ", " + rest) + "}");
    }

    private static void log(String organization, String agent, String rest) {
        HttpResponse<String> answer = post(
                organization,
                "/api/v1/logs/batch",
                "agent",
                "{'entries': [{'agent_id': '" + agent + "', 'action_type': 'llm_inference', 'status': 'success',"
                        + " 'timestamp': '" + Instant.now() + "', " + rest + "}]}");
        assertThat(json(answer).getJsonArray("errors")).isEqualTo(new JsonArray());
    }

    private static void awaitStop(String organization, String agent) {
        await().atMost(LIMIT).until(() -> permit(organization, agent).statusCode() == 503);
    }

    private static String state(String organization, String agent) {
        return json(server.get("/api/v1/circuits/" + agent, "viewer@" + organization))
                .getString("state");
    }

    /** As the page of an agent asks for it. */
    private static JsonObject usage(String organization, String agent) {
        return json(server.get(BUDGETS + "?agent=" + agent, "viewer@" + organization))
                .getJsonArray("budgets")
                .getJsonObject(0)
                .getJsonArray("usage")
                .getJsonObject(0);
    }

    private static String nanos(Instant at) {
        return Long.toString(at.getEpochSecond() * 1_000_000_000L + at.getNano());
    }

    private static String text(String json) {
        return json.replace('\'', '"');
    }
}
