package dev.interlock.server.sync;

import static dev.interlock.server.RunningServer.json;
import static dev.interlock.server.sync.SyncCaller.circuit;
import static dev.interlock.server.sync.SyncCaller.failure;
import static dev.interlock.server.sync.SyncCaller.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.Gate;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of two servers on one Redis hear the same; a server that starts again is another one to them. */
@Tag("heavy")
class SyncOfTwoServersTest {
    private static final int LONG = 25_000;

    @TempDir
    Path folder;

    @Test
    void what_happens_at_one_reaches_the_clients_of_the_other() throws Exception {
        try (RedisServer redis = RedisServer.start();
                RunningServer a = new RunningServer(Map.of("redis-url", redis.url()));
                RunningServer b = new RunningServer(Map.of("redis-url", redis.url()))) {
            SyncCaller ofA = SyncCaller.of(a, "agent@acme");
            SyncCaller ofB = SyncCaller.of(b, "agent@acme");
            ofA.watch("planner");
            ofB.watch("planner");
            CompletableFuture<HttpResponse<String>> poll = ofB.poll(LONG);

            a.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"hold_open\"}");

            assertThat(circuit(ofB.effect(ok(poll.get(20, TimeUnit.SECONDS))), "planner")
                            .getString("admits"))
                    .isEqualTo("none");
            a.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"close\"}");
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(circuit(
                                            ok(ofB.answer(new JsonObject().put("cursor", "0"))), "planner")
                                    .getString("admits"))
                            .isEqualTo("all"));

            JsonObject report =
                    new JsonObject().put("batch", 1).put("outcomes", new JsonArray(List.of(failure("planner"))));
            assertThat(ok(ofA.answer(report)).getJsonObject("receipt").getInteger("counted"))
                    .isEqualTo(1);
            ofA.moveTo(b); // a has answered, and the answer was lost
            HttpResponse<String> unknown = ofA.answer(report);
            assertThat(unknown.statusCode()).isEqualTo(409);
            assertThat(json(unknown).getString("type")).isEqualTo("sync-unknown");
            long before = ofA.generation();
            JsonObject there = ofA.say(report.copy().put("watch", new JsonArray(List.of("planner"))));
            assertThat(there.getLong("generation")).isNotEqualTo(before);
            assertThat(there.getBoolean("reset")).isTrue();
            assertThat(there.getJsonObject("receipt").getBoolean("repeated"))
                    .as("another generation does not know it: at least once")
                    .isFalse();
            gates(redis, b);
        }
    }

    /** Put by a process that is no server at all. */
    private static void gates(RedisServer redis, RunningServer server) throws Exception {
        SyncCaller client = SyncCaller.of(server, "agent@stopped");
        client.watch("planner", "model:m");
        CompletableFuture<HttpResponse<String>> poll = client.poll(LONG);
        try (RedisCircuitStore store = RedisCircuitStore.open(RedisSettings.of(redis.url()));
                CircuitBreakerManager operator =
                        CircuitBreakerManager.builder().store(store).build()) {
            operator.gates()
                    .put(Gate.ofUpstream("stopped", "model:*", "ann@example")
                            .named("stop-1")
                            .because("a secret"));

            HttpResponse<String> answer = poll.get(20, TimeUnit.SECONDS);
            JsonArray gates = ok(answer).getJsonArray("gates");
            assertThat(gates).hasSize(1);
            assertThat(gates.getJsonObject(0))
                    .isEqualTo(new JsonObject()
                            .put("id", "stop-1")
                            .put("covers", "upstream")
                            .putNull("until")
                            .putNull("retry_after_ms")
                            .put("pattern", "model:*"));
            assertThat(answer.body()).doesNotContain("ann@example").doesNotContain("a secret");
            assertThat(behind(server)).as("not before the client says so").isEqualTo("1.0");
            client.effect(json(answer));
            assertThat(client.say(new JsonObject()).containsKey("gates")).isFalse();
            assertThat(behind(server)).isEqualTo("0.0");

            SyncCaller limited = new SyncCaller(server, limitedKey(server), "client-of-limited-key");
            assertThat(limited.watch("team-a").getJsonArray("gates"))
                    .as("covers nothing that it watches")
                    .isEmpty();
            assertThat(limited.watch("team-a", "model:m").getJsonArray("gates")).hasSize(1);

            operator.gates().remove("stopped", "stop-1", "bob", null);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> ok(client.answer(new JsonObject().put("cursor", "0")))
                            .getJsonArray("gates")
                            .isEmpty());
        }
    }

    private static String limitedKey(RunningServer server) {
        return json(server.post(
                        "/api/v1/keys", "admin@stopped", "{\"name\":\"k\",\"role\":\"agent\",\"agents\":\"team-*\"}"))
                .getString("key");
    }

    private static String behind(RunningServer server) {
        return server.get("/metrics", "viewer@stopped")
                .body()
                .lines()
                .filter(line -> line.startsWith("interlock_sync_clients_behind_gates "))
                .findFirst()
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .orElse("none");
    }

    @Test
    void a_server_that_starts_again_is_another_generation_with_what_was_open() {
        SyncCaller client;
        try (RunningServer first = RunningServer.on(folder)) {
            client = SyncCaller.of(first, "agent@acme");
            client.watch("planner");
            first.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"open\"}");
            assertThat(circuit(client.say(new JsonObject()), "planner").getString("admits"))
                    .isEqualTo("none");
        }
        try (RunningServer second = RunningServer.on(folder)) {
            client.moveTo(second);
            assertThat(client.answer(new JsonObject().put("wait_ms", LONG)).statusCode())
                    .isEqualTo(409);
            long before = client.generation();

            JsonObject answer = client.watch("planner");

            assertThat(answer.getLong("generation")).isNotEqualTo(before);
            assertThat(answer.getBoolean("reset")).isTrue();
            assertThat(circuit(answer, "planner").getString("state")).isEqualTo("open");
            assertThat(circuit(answer, "planner").getLong("retry_after_ms")).isBetween(1L, 60_000L);
        }
    }

    @Test
    void a_server_that_stops_answers_those_who_wait() throws Exception {
        CompletableFuture<HttpResponse<String>> poll;
        try (RunningServer server = new RunningServer()) {
            SyncCaller client = SyncCaller.of(server, "agent@acme");
            client.watch("planner");
            poll = client.poll(LONG);
            await().until(() ->
                    server.get("/metrics", "viewer@acme").body().contains("interlock_sync_clients_waiting 1.0"));
        }
        assertThat(ok(poll.get(20, TimeUnit.SECONDS)).getBoolean("closing")).isTrue();
    }
}
