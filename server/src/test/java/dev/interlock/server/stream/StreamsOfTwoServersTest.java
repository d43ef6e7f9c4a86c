package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.jdbc.Postgres;
import dev.interlock.redis.RedisServer;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whichever server of one PostgreSQL and one Redis a client listens to, it hears the same. */
@Tag("heavy")
@Tag("thorough")
class StreamsOfTwoServersTest {
    private static final String AGENT = "/api/v1/circuits/planner";

    private final RedisServer redis = RedisServer.start();
    private final Map<String, String> flags = Map.of(
            "redis-url", redis.url(),
            "redis-slow-after", "1s",
            "database-url", Postgres.migrated().url());
    private final RunningServer a = new RunningServer(flags);
    private final RunningServer b = new RunningServer(flags);
    private Listener ofA;
    private Listener ofB;

    @BeforeEach
    void listen() {
        a.send("PUT", "/api/v1/policies/planner", "admin@acme", "{\"cooldown\":\"1s\",\"success_threshold\":1}");
        eventually(() -> b.get("/api/v1/policies", "admin@acme").body().contains("planner"));
        ofA = listen(a);
        ofB = listen(b);
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        redis.close();
    }

    @Test
    void streams_of_both_report_the_same_moves_in_the_same_order_and_each_its_epochs_rising() {
        order(a, "open");
        both("open");
        order(b, "close");
        both("closed");
        order(a, "hold_closed");
        both("closed, held");
        order(b, "release");
        both("closed");
        for (int i = 0; i < 5; i++) {
            outcome(i % 2 == 0 ? a : b, "{\"outcome\":\"failure\",\"kind\":\"ERROR\"}");
        }
        both("open");
        String permit = trial(b);
        both("half_open");
        outcome(a, "{\"outcome\":\"success\",\"permit\":\"" + permit + "\"}");
        both("closed");

        for (Listener listener : List.of(ofA, ofB)) {
            assertThat(epochs(listener)).hasSize(7).isSorted().doesNotHaveDuplicates();
        }
    }

    /** One of them finds incidents, for all. */
    @Test
    void an_incident_is_reported_by_both() {
        for (int i = 0; i < 5; i++) {
            outcome(i % 2 == 0 ? a : b, "{\"outcome\":\"failure\",\"kind\":\"ERROR\"}");
        }
        JsonObject byA = ofA.nextOf("incident").getJsonObject("data");
        JsonObject byB = ofB.nextOf("incident").getJsonObject("data");
        assertThat(byA.getString("root")).isEqualTo("planner");
        assertThat(byB.getString("id")).isEqualTo(byA.getString("id"));
    }

    /** Waits until both have heard one move more, and agree. */
    private void both(String state) {
        heard++;
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(moves(ofA)).hasSize(heard).last().isEqualTo(state);
            assertThat(moves(ofB)).isEqualTo(moves(ofA));
        });
    }

    private int heard;

    private static List<String> moves(Listener listener) {
        return listener.rest().stream()
                .filter(message -> message.getString("type").equals("circuit_state"))
                .map(message -> message.getJsonObject("data"))
                .map(data -> data.getString("state")
                        + (data.getJsonObject("stats").getValue("hold") == null ? "" : ", held"))
                .toList();
    }

    private static List<Long> epochs(Listener listener) {
        return listener.rest().stream()
                .filter(message -> message.getString("type").equals("circuit_state"))
                .map(message ->
                        message.getJsonObject("data").getJsonObject("stats").getLong("epoch"))
                .toList();
    }

    private static Listener listen(RunningServer server) {
        Listener listener = Listener.connect(
                server.uri("/api/v1/stream"),
                builder -> builder.header("Authorization", "Bearer " + RunningServer.token("viewer@acme")));
        listener.next("snapshot");
        return listener;
    }

    private static void order(RunningServer server, String action) {
        server.post(AGENT + "/action", "operator@acme", "{\"action\":\"" + action + "\"}");
    }

    private static void outcome(RunningServer server, String outcome) {
        assertThat(server.post(AGENT + "/outcomes", "agent@acme", outcome).statusCode())
                .isEqualTo(200);
    }

    private static String trial(RunningServer server) {
        HttpResponse<String> given = await().atMost(Duration.ofSeconds(30))
                .until(() -> server.post(AGENT + "/permits", "agent@acme", "{}"), answer -> answer.statusCode() == 200);
        return new JsonObject(given.body()).getString("permit");
    }

    private static void eventually(java.util.concurrent.Callable<Boolean> what) {
        await().atMost(Duration.ofSeconds(30)).until(what);
    }
}
