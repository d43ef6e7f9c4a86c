package dev.interlock.server.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How agents are, over HTTP, and what health does to circuits. Each test has an organization of its own. */
class HealthApiTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    /** Nothing but health opens under it: its own window is over in a moment, and has no streak. */
    private static final String BLIND = "{\"failure_threshold\":null,\"failure_rate_threshold\":0.5,"
            + "\"min_requests_for_rate\":5,\"window\":\"1s\"}";

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
    void an_agent_never_heard_of_is_unknown() {
        JsonObject health = health(server, "quiet", "planner");

        assertThat(health.getString("status")).isEqualTo("unknown");
        assertThat(health.getInteger("score")).isEqualTo(100);
        assertThat(health.getJsonArray("issues")).isEmpty();
        assertThat(health.getJsonObject("five_minutes").getInteger("calls")).isZero();
    }

    @Test
    void calls_with_permits_and_without_are_judged() {
        for (int i = 0; i < 7; i++) {
            outcome(server, "judged", "planner", "\"success\"");
        }
        outcome(server, "judged", "planner", "\"failure\"");
        outcome(server, "judged", "planner", "\"failure\"");
        server.post(
                "/api/v1/circuits/planner/outcomes", "agent@judged", "{\"outcome\":\"success\",\"duration_ms\":4000}");

        await().atMost(SOON)
                .until(() ->
                        health(server, "judged", "planner").getString("status").equals("degraded"));
        JsonObject health = health(server, "judged", "planner");
        assertThat(health.getJsonObject("five_minutes").getInteger("calls")).isEqualTo(10);
        assertThat(health.getJsonObject("hour").getInteger("failures")).isEqualTo(2);
        assertThat(health.getJsonObject("five_minutes").getInteger("p95_ms")).isBetween(4_000, 4_250);
        assertThat(health.getJsonArray("issues").encode()).contains("reduced_success_rate", "slow");
        assertThat(server.get("/api/v1/agents?status=degraded", "viewer@judged").body())
                .contains("\"planner\"");
        assertThat(server.get("/metrics", "viewer@judged").body())
                .contains("interlock_agents_by_health{status=\"degraded\"} 1");
        assertThat(server.get("/metrics", "viewer@other").body())
                .contains("interlock_agents_by_health{status=\"degraded\"} 0");
    }

    @Test
    void health_says_since_when_its_status_lasts() {
        Instant before = Instant.now().minusMillis(1);
        assertThat(health(server, "lasting", "planner").getString("since")).isNull();
        outcome(server, "lasting", "planner", "\"success\"");
        await().atMost(SOON)
                .until(() ->
                        health(server, "lasting", "planner").getString("status").equals("healthy"));
        Instant since = Instant.parse(health(server, "lasting", "planner").getString("since"));

        assertThat(since).isAfter(before);
        assertThat(Instant.parse(health(server, "lasting", "planner").getString("at")))
                .isAfterOrEqualTo(since);
    }

    /** The permit's settlement was heard here, that of a guard elsewhere was not. */
    @Test
    void a_guarded_entry_counts_where_its_guard_was_not_heard() {
        String permit = RunningServer.json(server.post("/api/v1/circuits/planner/permits", "agent@logged", "{}"))
                .getString("permit");
        server.post(
                "/api/v1/circuits/planner/outcomes",
                "agent@logged",
                "{\"permit\":\"" + permit + "\",\"outcome\":\"success\"}");
        JsonArray entries = new JsonArray();
        for (String each : new String[] {permit, "process:elsewhere", null}) {
            entries.add(new JsonObject()
                    .put("agent_id", "planner")
                    .put("action_type", "llm_inference")
                    .put("status", "success")
                    .put("timestamp", Instant.now().toString())
                    .put("guarded", true)
                    .put("permit", each)
                    .put("depends_on", new JsonArray().add("model:m")));
        }
        assertThat(RunningServer.json(server.post(
                                "/api/v1/logs/batch",
                                "agent@logged",
                                new JsonObject().put("entries", entries).encode()))
                        .getInteger("accepted"))
                .isEqualTo(3);

        await().atMost(SOON)
                .until(() -> health(server, "logged", "planner")
                                .getJsonObject("five_minutes")
                                .getInteger("calls")
                        == 2);
        await().atMost(SOON)
                .until(() -> health(server, "logged", "model:m")
                                .getJsonObject("five_minutes")
                                .getInteger("calls")
                        == 1);
        assertThat(RunningServer.json(server.get("/api/v1/circuits/planner", "viewer@logged"))
                        .getInteger("success_count"))
                .as("no circuit counts an entry of a guard")
                .isEqualTo(1);
    }

    @Test
    void a_failure_of_the_model_counts_for_the_model_alone() {
        for (int i = 0; i < 4; i++) {
            JsonObject permit = RunningServer.json(
                    server.post("/api/v1/circuits/planner/permits", "agent@shared", "{\"depends_on\":[\"model:m\"]}"));
            server.post(
                    "/api/v1/circuits/planner/outcomes",
                    "agent@shared",
                    new JsonObject()
                            .put("permit", permit.getString("permit"))
                            .put("outcome", "failure")
                            .put("kind", "OVERLOADED")
                            .encode());
        }

        await().atMost(SOON)
                .until(() -> health(server, "shared", "model:m")
                                .getJsonObject("five_minutes")
                                .getInteger("failures")
                        == 4);
        assertThat(health(server, "shared", "planner")
                        .getJsonObject("five_minutes")
                        .getInteger("calls"))
                .isZero();
    }

    @Test
    void what_fails_too_slowly_for_its_own_window_is_opened_by_health_within_a_second() {
        blind(server, "slow", "planner");

        await().atMost(Duration.ofSeconds(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> isOpen(server, "slow"));
        JsonObject circuit = circuit(server, "slow", "planner");
        assertThat(circuit.getString("cause")).isEqualTo("health");
        assertThat(circuit.getString("actor")).isEqualTo("health");
        assertThat(circuit.getString("reason")).contains("critical, score ", "failing: ");
        await().atMost(SOON).until(() -> {
            String history = server.get("/api/v1/agents/planner/health/history", "viewer@slow")
                    .body();
            return history.contains("critical_from_");
        });
        assertThat(server.get("/api/v1/agents/planner/health/history?limit=1&since=2999-01-01T00:00:00Z", "viewer@slow")
                        .body())
                .isEqualTo("{\"history\":[]}");
        assertThat(server.get("/api/v1/agents/planner/health/history?since=yesterday", "viewer@slow")
                        .statusCode())
                .isEqualTo(400);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(server.get("/api/v1/agents/planner/logs?action_type=custom", "viewer@slow")
                                        .body())
                                .contains("health_transition", "circuit_transition"));
    }

    @Test
    void under_never_health_is_only_shown() {
        try (RunningServer never = new RunningServer(Map.of("health-opens", "never"))) {
            blind(never, "slow", "planner");

            await().atMost(SOON)
                    .until(() ->
                            health(never, "slow", "planner").getString("status").equals("critical"));
            await().atMost(SOON)
                    .until(() -> never.get("/api/v1/agents/planner/logs?action_type=custom", "viewer@slow")
                            .body()
                            .contains("critical_from_"));
            assertThat(isOpen(never, "slow")).isFalse();
        }
    }

    @Test
    void under_critical_slowness_and_errors_open_what_does_not_fail_by_its_policy() {
        try (RunningServer critical = new RunningServer(Map.of("health-opens", "critical"))) {
            for (RunningServer each : List.of(critical, server)) {
                each.send(
                        "PUT",
                        "/api/v1/policies/planner",
                        "admin@tired",
                        "{\"failure_threshold\":null,\"failure_rate_threshold\":null}");
                send(each, "tired", "planner", 12, 20_000, true);
            }

            await().atMost(SOON).until(() -> isOpen(critical, "tired"));
            await().atMost(SOON)
                    .until(() -> health(server, "tired", "planner")
                            .getString("status")
                            .equals("critical"));
            assertThat(isOpen(server, "tired")).isFalse();
        }
    }

    /** Twelve failures, one by one, in windows that never hold their minimum. */
    private static void blind(RunningServer to, String organization, String agent) {
        to.send("PUT", "/api/v1/policies/" + agent, "admin@" + organization, BLIND);
        blindly(to, organization, agent);
        blindly(to, organization, agent);
        for (int i = 0; i < 4; i++) {
            send(to, organization, agent, 1, 100, true);
        }
    }

    private static void blindly(RunningServer to, String organization, String agent) {
        for (int i = 0; i < 4; i++) {
            send(to, organization, agent, 1, 100, true);
        }
        await().pollDelay(Duration.ofMillis(1_300)).until(() -> true); // the circuit's own window has an end
        assertThat(isOpen(to, organization)).isFalse();
    }

    private static void send(
            RunningServer to, String organization, String agent, int calls, long latency, boolean fails) {
        JsonArray entries = new JsonArray();
        for (int i = 0; i < calls; i++) {
            entries.add(new JsonObject()
                    .put("agent_id", agent)
                    .put("action_type", "tool_call")
                    .put("action_name", "search")
                    .put("status", fails ? "failure" : "success")
                    .put("latency_ms", latency)
                    .put("timestamp", Instant.now().minusMillis(latency)));
        }
        HttpResponse<String> answer = to.post(
                "/api/v1/logs/batch",
                "agent@" + organization,
                new JsonObject()
                        .put("entries", entries)
                        .put("sent_at", Instant.now())
                        .encode());
        assertThat(RunningServer.json(answer).getInteger("accepted")).isEqualTo(calls);
    }

    private static void outcome(RunningServer to, String organization, String agent, String outcome) {
        JsonObject permit =
                RunningServer.json(to.post("/api/v1/circuits/" + agent + "/permits", "agent@" + organization, "{}"));
        to.post(
                "/api/v1/circuits/" + agent + "/outcomes",
                "agent@" + organization,
                "{\"permit\":\"" + permit.getString("permit") + "\",\"outcome\":" + outcome + "}");
    }

    private static boolean isOpen(RunningServer of, String organization) {
        return circuit(of, organization, "planner").getString("state").equals("open");
    }

    private static JsonObject circuit(RunningServer of, String organization, String agent) {
        return RunningServer.json(of.get("/api/v1/circuits/" + agent, "viewer@" + organization));
    }

    private static JsonObject health(RunningServer of, String organization, String agent) {
        return RunningServer.json(of.get("/api/v1/agents/" + agent + "/health", "viewer@" + organization));
    }
}
