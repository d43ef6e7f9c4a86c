package dev.interlock.server.actions;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.redis.Proxy;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A stop that is acknowledged is obeyed by each process that confirmed; one that is cut off is named. */
@Tag("heavy")
class StopOfServersTest {
    private static final String STOP = "{\"action\":\"stop\",\"covers\":\"organization\"}";
    private static final String RESUME = "{\"action\":\"resume\",\"covers\":\"organization\"}";

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
