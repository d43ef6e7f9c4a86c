package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.jdbc.Postgres;
import dev.interlock.redis.RedisServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two servers on one PostgreSQL and one Redis: either may have given a permit, either takes its outcome. */
@Tag("heavy")
@Tag("thorough")
class ServersBehindOneBalancerTest {
    private static final String AGENT = "/api/v1/circuits/planner";

    private final RedisServer redis = RedisServer.start();
    private final Map<String, String> flags = Map.of(
            "redis-url", redis.url(),
            "redis-slow-after", "2s",
            "database-url", Postgres.migrated().url());
    private final RunningServer a = new RunningServer(flags);
    private final RunningServer b = new RunningServer(flags);

    private int requests;

    @BeforeEach
    void tryOneByOneAfterASecond() {
        String policy =
                "{\"cooldown\":\"1s\",\"half_open_max_requests\":1,\"success_threshold\":1,\"trial_timeout\":\"2h\"}";
        assertThat(a.send("PUT", "/api/v1/policies/planner", "admin@acme", policy)
                        .statusCode())
                .isEqualTo(200);
        eventually(
                () -> assertThat(b.get("/api/v1/policies", "admin@acme").body()).contains("planner"));
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        redis.close();
    }

    @Test
    void a_permit_of_one_is_settled_at_the_other_and_counts_once_for_all() {
        // Failures alone: what two servers report within one round may come to Redis in either order.
        for (int i = 0; i < 4; i++) {
            assertThat(settle(i % 2 == 0 ? a : b, take(i % 2 == 0 ? b : a), failure()))
                    .isEqualTo("counted");
        }
        assertThat(state(a)).isEqualTo("closed");
        settle(a, take(b), failure());
        eventually(() -> assertThat(List.of(state(a), state(b))).containsOnly("open"));
        // Both may have opened at once; the one that was second shows the other's opening under an epoch of its own.
        assertThat(List.of(circuit(a), circuit(b)))
                .extracting(circuit -> circuit.getInteger("consecutive_failures"))
                .containsOnly(5);
    }

    @Test
    void a_batch_may_hold_permits_of_both() {
        JsonArray batch = new JsonArray();
        for (int i = 0; i < 20; i++) {
            batch.add(outcome(take(i % 3 == 0 ? a : b), "success", null));
        }
        JsonObject answer = RunningServer.json(b.post("/api/v1/outcomes", "agent@acme", batch.encode()));
        assertThat(answer.getInteger("counted")).isEqualTo(20);
        assertThat(answer.getInteger("refused")).isZero();
    }

    @Test
    void a_trial_of_one_that_succeeds_at_the_other_closes_on_both() {
        open();
        String trial = trial(a);
        assertThat(b.post(AGENT + "/permits", "agent@acme", "{}").statusCode()).isEqualTo(503);

        assertThat(settle(b, trial, success())).isEqualTo("counted");

        eventually(() -> assertThat(List.of(state(a), state(b))).containsOnly("closed"));
    }

    @Test
    void a_trial_of_one_that_fails_at_the_other_opens_on_both_again() {
        open();
        long epoch = circuit(a).getLong("epoch");
        String trial = trial(a);

        assertThat(settle(b, trial, failure())).isEqualTo("counted");

        eventually(() -> {
            assertThat(List.of(state(a), state(b))).containsOnly("open");
            assertThat(circuit(a).getLong("epoch"))
                    .isEqualTo(circuit(b).getLong("epoch"))
                    .isGreaterThan(epoch + 1);
        });
    }

    @Test
    void a_trial_of_one_that_was_cancelled_at_the_other_gives_its_place_back_to_both() {
        open();
        settle(b, trial(a), cancelled());
        settle(a, trial(b), cancelled());
        settle(b, trial(a), cancelled());
        settle(b, trial(b), success());
        eventually(() -> assertThat(List.of(state(a), state(b))).containsOnly("closed"));
    }

    @Test
    void a_trial_of_a_server_that_has_gone_closes_at_the_other() {
        open();
        String trial = trial(a);
        a.server().close();

        assertThat(settle(b, trial, success())).isEqualTo("counted");

        eventually(() -> assertThat(state(b)).isEqualTo("closed"));
    }

    @Test
    void a_trial_of_several_circuits_gives_back_what_is_not_concerned() {
        open();
        String trial = eventuallyTake(a, "{\"depends_on\":[\"model:kimi\"]}");

        assertThat(settle(b, trial, "{\"outcome\":\"failure\",\"kind\":\"RATE_LIMITED\",\"retry_after_ms\":60000,"))
                .isEqualTo("counted");

        eventually(() -> assertThat(RunningServer.json(a.get("/api/v1/circuits/model:kimi", "viewer@acme"))
                        .getString("state"))
                .isEqualTo("open"));
        settle(b, trial(b), success());
        eventually(() -> assertThat(List.of(state(a), state(b))).containsOnly("closed"));
    }

    /** Each request goes to the other server than the one before: no call within a call is where the one around it is. */
    @Test
    void chains_of_calls_recover_a_model_though_each_request_goes_to_the_other_server() {
        String policy = "{\"cooldown\":\"1s\",\"half_open_max_requests\":2,\"success_threshold\":2,"
                + "\"trials_at_once\":1,\"trial_timeout\":\"2h\"}";
        a.send("PUT", "/api/v1/policies/model:*", "admin@acme", policy);
        eventually(
                () -> assertThat(b.get("/api/v1/policies", "admin@acme").body()).contains("\"model:*\""));
        List<List<Boolean>> chains =
                List.of(List.of(true, true), List.of(true, true, true), List.of(true, false, false, true));
        int[] real = new int[chains.size()];
        for (int i = 0; i < real.length; i++) {
            a.post("/api/v1/circuits/model:" + i + "/action", "operator@acme", "{\"action\":\"open\"}");
        }
        for (int i = 0; i < real.length; i++) {
            String model = "model:" + i;
            eventually(() -> assertThat(states(model)).doesNotContain("closed"));
        }
        eventually(() -> {
            for (int i = 0; i < real.length; i++) {
                real[i] += real[i] < 2 ? chain("model:" + i, chains.get(i)) : 0;
            }
            assertThat(real).as("real calls of each model").containsOnly(2);
        });
        for (int i = 0; i < real.length; i++) {
            String model = "model:" + i;
            eventually(() -> assertThat(states(model)).containsOnly("closed"));
        }
    }

    /**
     * Makes calls within each other; returns how many calls reached the model.
     *
     * @param asking whether the call of a level depends on it
     */
    private int chain(String model, List<Boolean> asking) {
        int levels = asking.size();
        List<String> permits = new ArrayList<>();
        while (permits.size() < levels) {
            JsonObject body = new JsonObject();
            if (asking.get(permits.size())) {
                body.put("depends_on", new JsonArray().add(model));
            }
            if (!permits.isEmpty()) {
                body.put("parent", permits.get(permits.size() - 1));
            }
            HttpResponse<String> answer =
                    next().post("/api/v1/circuits/agent-" + permits.size() + "/permits", "agent@acme", body.encode());
            if (answer.statusCode() == 503) {
                break; // the call around it answers from a cache
            }
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            permits.add(RunningServer.json(answer).getString("permit"));
        }
        for (int level = permits.size() - 1; level >= 0; level--) {
            HttpResponse<String> answer = next().post(
                            "/api/v1/circuits/agent-" + level + "/outcomes",
                            "agent@acme",
                            success() + "\"permit\":\"" + permits.get(level) + "\"}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
        return permits.size() == levels ? 1 : 0;
    }

    private RunningServer next() {
        return requests++ % 2 == 0 ? a : b;
    }

    private List<String> states(String name) {
        return List.of(a, b).stream()
                .map(server -> RunningServer.json(server.get("/api/v1/circuits/" + name, "viewer@acme"))
                        .getString("state"))
                .toList();
    }

    private void open() {
        assertThat(a.post(AGENT + "/action", "operator@acme", "{\"action\":\"open\"}")
                        .statusCode())
                .isEqualTo(200);
        eventually(() -> assertThat(List.of(state(a), state(b))).containsOnly("open"));
    }

    /** Asks until the cooldown is over and the place has been given. */
    private static String trial(RunningServer server) {
        return eventuallyTake(server, "{}");
    }

    private static String eventuallyTake(RunningServer server, String body) {
        List<String> given = new ArrayList<>();
        eventually(() -> {
            HttpResponse<String> answer = server.post(AGENT + "/permits", "agent@acme", body);
            assertThat(answer.statusCode()).isEqualTo(200);
            given.add(RunningServer.json(answer).getString("permit"));
        });
        return given.get(0);
    }

    private static String take(RunningServer server) {
        return RunningServer.json(server.post(AGENT + "/permits", "agent@acme", "{}"))
                .getString("permit");
    }

    private static String settle(RunningServer server, String permit, String outcome) {
        HttpResponse<String> answer =
                server.post(AGENT + "/outcomes", "agent@acme", outcome + "\"permit\":\"" + permit + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return RunningServer.json(answer).getString("status");
    }

    private static JsonObject outcome(String permit, String outcome, String kind) {
        JsonObject entry = new JsonObject().put("permit", permit).put("outcome", outcome);
        return kind == null ? entry : entry.put("kind", kind);
    }

    private static String success() {
        return "{\"outcome\":\"success\",";
    }

    private static String failure() {
        return "{\"outcome\":\"failure\",\"kind\":\"MALFORMED_OUTPUT\",";
    }

    private static String cancelled() {
        return "{\"outcome\":\"failure\",\"kind\":\"CANCELLED\",";
    }

    private static String state(RunningServer server) {
        return circuit(server).getString("state");
    }

    private static JsonObject circuit(RunningServer server) {
        return RunningServer.json(server.get(AGENT, "viewer@acme"));
    }

    private static void eventually(ThrowingRunnable what) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(what);
    }
}
