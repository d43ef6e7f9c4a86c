package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.redis.RedisServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two servers, each with a database of its own, on one Redis. */
@Tag("heavy")
@Tag("thorough")
class SharedServersTest {
    private final RedisServer redis = RedisServer.start();
    private final RunningServer a = new RunningServer(Map.of("redis-url", redis.url()));
    private final RunningServer b = new RunningServer(Map.of("redis-url", redis.url()));

    @AfterEach
    void close() {
        a.close();
        b.close();
        redis.close();
    }

    @Test
    void an_override_on_one_is_in_effect_on_the_other() {
        a.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"hold_open\"}");

        eventually(() ->
                b.post("/api/v1/circuits/planner/permits", "agent@acme", "{}").statusCode() == 503);
        assertThat(RunningServer.json(b.get("/api/v1/circuits/planner", "viewer@acme"))
                        .getJsonObject("hold"))
                .isNotNull();
    }

    @Test
    void failures_that_both_hear_of_make_one_streak() {
        for (int i = 0; i < 3; i++) {
            fail(a);
        }
        for (int i = 0; i < 2; i++) {
            fail(b);
        }

        eventually(() -> state(a).equals("open") && state(b).equals("open"));
    }

    @Test
    void a_server_that_has_lost_redis_says_so_and_goes_on() {
        redis.kill();
        eventually(() -> a.get("/readyz", null).body().contains("\"part\":\"redis\""));
        for (int i = 0; i < 5; i++) {
            fail(a);
        }

        assertThat(state(a)).isEqualTo("open");
        assertThat(RunningServer.json(a.get("/api/v1/circuits/planner", "viewer@acme"))
                        .getBoolean("detached"))
                .isTrue();
        assertThat(a.get("/metrics", "viewer@default").body()).contains("interlock_detached 1.0");
        redis.restart();
        eventually(() -> !a.get("/readyz", null).body().contains("redis"));
    }

    @Test
    void readiness_blames_redis_alone_while_only_redis_is_away() {
        redis.kill();
        a.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"hold_open\"}");
        databaseIsNotBlamedWhile(
                i -> a.post("/api/v1/circuits/other-" + i + "/action", "operator@acme", "{\"action\":\"open\"}"));
        eventually(() -> a.get("/readyz", null).body().contains("\"part\":\"redis\""));
        assertThat(a.get("/readyz", null).body()).doesNotContain("\"part\":\"database\"");
        redis.restart();
        eventually(() ->
                RunningServer.json(a.get("/readyz", null)).getString("status").equals("ok"));
    }

    @Test
    void readiness_blames_redis_alone_while_it_is_full() {
        redis.run(commands -> commands.configSet("maxmemory-policy", "noeviction"));
        redis.run(commands -> commands.configSet("maxmemory", "1"));
        databaseIsNotBlamedWhile(
                i -> a.post("/api/v1/circuits/full-" + i + "/action", "operator@acme", "{\"action\":\"hold_open\"}"));
        eventually(() -> a.get("/readyz", null).body().contains("\"part\":\"redis\""));
        assertThat(a.get("/readyz", null).body()).doesNotContain("\"part\":\"database\"");
        assertThat(a.post("/api/v1/circuits/full-0/permits", "agent@acme", "{}").statusCode())
                .as("what an operator holds is held")
                .isEqualTo(503);
        redis.run(commands -> commands.configSet("maxmemory", "0"));
        eventually(() ->
                RunningServer.json(a.get("/readyz", null)).getString("status").equals("ok"));
    }

    /** Twenty overrides at a time: each waits for Redis as long as it may. */
    private void databaseIsNotBlamedWhile(IntConsumer override) {
        CompletableFuture<?>[] all = IntStream.range(0, 20)
                .mapToObj(i -> CompletableFuture.runAsync(
                        () -> override.accept(i), task -> new Thread(task, "override").start()))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture<Void> done = CompletableFuture.allOf(all);
        do {
            assertThat(a.get("/readyz", null).body()).doesNotContain("\"part\":\"database\"");
        } while (!done.isDone());
        done.join();
    }

    private static void fail(RunningServer server) {
        server.post(
                "/api/v1/circuits/planner/outcomes", "agent@acme", "{\"outcome\":\"failure\",\"kind\":\"TIMEOUT\"}");
    }

    private static String state(RunningServer server) {
        return RunningServer.json(server.get("/api/v1/circuits/planner", "viewer@acme"))
                .getString("state");
    }

    private static void eventually(java.util.concurrent.Callable<Boolean> what) {
        await().atMost(Duration.ofSeconds(30)).until(what);
    }
}
