package dev.interlock.server.actions;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.jdbc.Postgres;
import dev.interlock.redis.Proxy;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A stop that is acknowledged is obeyed by each process that confirmed; one that is cut off is named. */
@Tag("heavy")
@Tag("thorough")
class StopOfServersTest {
    private static final String STOP = "{\"action\":\"stop\",\"covers\":\"organization\"}";
    private static final String RESUME = "{\"action\":\"resume\",\"covers\":\"organization\"}";

    private static final Duration LONG = Duration.ofSeconds(30);

    /** A statement that hangs ends after 20 s. */
    private static final Duration SOONER_THAN_THE_DATABASE = Duration.ofSeconds(12);

    @Test
    void no_server_gives_a_permit_after_the_answer_and_each_does_after_the_resume() {
        try (RedisServer redis = RedisServer.start();
                RunningServer a = new RunningServer(Map.of("redis-url", redis.url()));
                RunningServer b = new RunningServer(Map.of("redis-url", redis.url()));
                RunningServer c = new RunningServer(Map.of("redis-url", redis.url()))) {
            for (int i = 0; i < 5; i++) {
                RunningServer asked = i % 2 == 0 ? a : b;
                JsonObject stopped = done(asked, STOP);
                assertThat(stopped.getBoolean("complete")).as(stopped.encode()).isTrue();
                assertThat(stopped.getInteger("processes")).isEqualTo(3);
                for (RunningServer each : new RunningServer[] {a, b, c}) {
                    assertThat(permit(each)).isEqualTo(503);
                }
                assertThat(done(c, RESUME).getBoolean("complete")).isTrue();
                for (RunningServer each : new RunningServer[] {a, b, c}) {
                    assertThat(permit(each)).isEqualTo(200);
                }
            }
        }
    }

    @Test
    void a_process_that_is_cut_off_is_named_as_not_stopped() {
        try (RedisServer redis = RedisServer.start();
                Proxy proxy = new Proxy(redis.port());
                RunningServer a = new RunningServer(Map.of("redis-url", redis.url()));
                RedisCircuitStore store = RedisCircuitStore.open(RedisSettings.of(proxy.url()));
                CircuitBreakerManager library =
                        CircuitBreakerManager.builder().store(store).build()) {
            assertThat(done(a, STOP).getInteger("processes")).isEqualTo(2);
            proxy.mode(Proxy.Mode.CUT);
            JsonObject resumed = done(a, RESUME);
            assertThat(resumed.getBoolean("complete")).isFalse();
            JsonObject missing = resumed.getJsonArray("not_confirmed").getJsonObject(0);
            assertThat(missing.getString("what")).isEqualTo("process");
            assertThat(missing.getString("name"))
                    .isEqualTo(library.settlements().process());
            assertThat(missing.getString("will")).isEqualTo("stay_stopped");
            JsonObject stopped = done(a, STOP);
            assertThat(stopped.getJsonArray("not_confirmed").getJsonObject(0).getString("will"))
                    .isEqualTo("go_on");
            proxy.mode(Proxy.Mode.PASS);
        }
    }

    @Test
    void without_redis_servers_of_one_postgresql_know_each_other_and_each_others_clients() {
        Map<String, String> flags = Map.of("database-url", Postgres.migrated().url());
        try (RunningServer a = new RunningServer(flags)) {
            try (RunningServer b = new RunningServer(flags)) {
                JsonObject stopped = until(a, STOP, answer -> answer.getBoolean("complete"));
                assertThat(stopped.getInteger("processes")).as(stopped.encode()).isEqualTo(2);
                assertThat(stopped.getBoolean("processes_known")).isTrue();
                assertThat(permit(b)).as("after the answer").isEqualTo(503);
                saysHowClientsOfTheOtherDo(a, b);
            }
            JsonObject resumed = done(a, RESUME);
            assertThat(resumed.getInteger("processes"))
                    .as("who has ended is not waited for: %s", resumed)
                    .isEqualTo(1);
            assertThat(resumed.getBoolean("complete")).isTrue();
        }
    }

    @Test
    void while_the_database_hangs_a_stop_acts_and_its_answer_says_what_is_not_known() throws Exception {
        URI database = URI.create(Postgres.migrated().url().substring("jdbc:".length()));
        try (Proxy proxy = new Proxy(database.getPort())) {
            int port = URI.create(proxy.url()).getPort();
            String url = "jdbc:" + database.toString().replace(":" + database.getPort() + "/", ":" + port + "/");
            try (RunningServer server = new RunningServer(Map.of("database-url", url, "shutdown-grace", "0s"))) {
                assertThat(permit(server)).isEqualTo(200);
                proxy.mode(Proxy.Mode.SILENT);
                HttpRequest stop = server.request("/api/v1/actions", "operator@acme")
                        .header("Content-Type", "application/json")
                        .timeout(SOONER_THAN_THE_DATABASE)
                        .POST(HttpRequest.BodyPublishers.ofString(STOP))
                        .build();
                HttpResponse<String> answer = server.send(stop);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
                assertThat(json(answer).getBoolean("processes_known")).isFalse();
                assertThat(json(answer).getBoolean("complete")).isFalse();
                assertThat(permit(server)).isEqualTo(503);
                proxy.mode(Proxy.Mode.PASS);
            }
        }
    }

    @Test
    void clients_of_another_server_of_one_redis_are_counted_and_named() {
        try (RedisServer redis = RedisServer.start();
                RunningServer a = new RunningServer(Map.of("redis-url", redis.url()));
                RunningServer b = new RunningServer(Map.of("redis-url", redis.url()))) {
            saysHowClientsOfTheOtherDo(a, b);
        }
    }

    private static void saysHowClientsOfTheOtherDo(RunningServer a, RunningServer b) {
        sync(b, "hangs", "refuse", null);
        JsonObject named = until(a, STOP, answer -> named(answer, "hangs"));
        assertThat(named.getBoolean("complete")).isFalse();
        assertThat(named.getJsonArray("not_confirmed")).singleElement().satisfies(each -> {
            JsonObject client = (JsonObject) each;
            assertThat(client.getString("what")).isEqualTo("client");
            assertThat(client.getString("on_unreachable")).isEqualTo("refuse");
            assertThat(client.getString("will")).isEqualTo("stop_by_itself");
            assertThat(client.getLong("last_heard_ms")).isNotNull();
        });
        assertThat(json(b.post("/api/v1/sync", "agent@acme", leaving("hangs")))).isNotEmpty();

        try (SyncingClient client = new SyncingClient(b)) {
            await().atMost(LONG).until(client::hasHeard);
            JsonObject stopped = until(a, STOP, answer -> answer.getInteger("clients") == 1);
            assertThat(stopped.getBoolean("complete")).as(stopped.encode()).isTrue();
            assertThat(stopped.getJsonArray("not_confirmed")).isEmpty();
        }
    }

    private static boolean named(JsonObject answer, String client) {
        return answer.getJsonArray("not_confirmed").stream()
                .anyMatch(each -> client.equals(((JsonObject) each).getString("name")));
    }

    private static String leaving(String name) {
        return new JsonObject()
                .put("client", "client-of-sixteen-" + name)
                .put("leaving", true)
                .encode();
    }

    private static JsonObject sync(RunningServer server, String name, String onUnreachable, JsonObject heard) {
        JsonObject request = new JsonObject()
                .put("client", "client-of-sixteen-" + name)
                .put("name", name)
                .put("on_unreachable", onUnreachable)
                .put("watch", new JsonArray().add("planner"))
                .put("wait_ms", heard == null ? 0 : 500);
        if (heard != null) {
            request.put("generation", heard.getLong("generation")).put("cursor", heard.getString("cursor"));
        }
        HttpResponse<String> answer = server.post("/api/v1/sync", "agent@acme", request.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    /** Says again and again what it has heard last, as clients do. */
    private static final class SyncingClient implements AutoCloseable {
        private volatile JsonObject heard;
        private volatile boolean closed;
        private final CompletableFuture<Void> syncing;

        SyncingClient(RunningServer server) {
            syncing = CompletableFuture.runAsync(() -> {
                while (!closed) {
                    heard = sync(server, "lives", "local", heard);
                }
            });
        }

        boolean hasHeard() {
            return heard != null;
        }

        @Override
        public void close() {
            closed = true;
            assertThat(syncing).succeedsWithin(LONG);
        }
    }

    /** Does the same until its answer is as it is to be: on a slow machine others may not have confirmed in time. */
    private static JsonObject until(RunningServer server, String body, Predicate<JsonObject> isRight) {
        return await().atMost(LONG).until(() -> done(server, body), isRight);
    }

    private static JsonObject done(RunningServer server, String body) {
        HttpResponse<String> answer = server.post("/api/v1/actions", "operator@acme", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    private static int permit(RunningServer server) {
        return server.post("/api/v1/circuits/planner/permits", "agent@acme", "{}")
                .statusCode();
    }
}
