package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.interlock.jdbc.Postgres;
import dev.interlock.redis.RedisServer;
import dev.interlock.server.outbound.Provider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two servers of one PostgreSQL and one Redis, whose circuit for a model is one. Each has a secret of its own, which it
 * sends to the provider, so that requests show who made them.
 */
@Tag("heavy")
class ProbesOfTwoServersTest {
    private static final String CIRCUIT = "/api/v1/circuits/model:a";

    @TempDir
    private Path folder;

    private final Provider provider = new Provider();
    private final RedisServer redis = RedisServer.start();
    private final String database = Postgres.migrated().url();

    @AfterEach
    void close() {
        redis.close();
        provider.close();
    }

    @Test
    void one_of_them_probes_a_shared_circuit_and_the_other_takes_over_when_it_goes_away() throws IOException {
        try (RunningServer one = server("first-server")) {
            put(one);
            report(one, "{\"outcome\":\"failure\",\"kind\":\"SERVER_ERROR\"}");
            eventually(() -> probe(one).getBoolean("trusted"));
            report(one, "{\"outcome\":\"success\"}");
            try (RunningServer other = server("other-server")) {
                report(other, "{\"outcome\":\"success\"}");
                eventually(() -> probe(other).getBoolean("trusted"));
                assertThat(provider.requests).as("it heard of that trust").allMatch(request -> by(request, "first"));

                provider.answer(503);
                eventually(() -> {
                    if (state(one)
                            .equals("closed")) { // the success at the other one may be heard of between two failures
                        report(one, "{\"outcome\":\"failure\",\"kind\":\"SERVER_ERROR\"}");
                    }
                    return state(one).equals("open") && state(other).equals("open");
                });
                int asked = provider.requests.size();
                eventually(() -> provider.requests.size() >= asked + 3);
                List<String> probes =
                        provider.requests.subList(asked, asked + 3).stream().toList();
                boolean first = by(probes.get(0), "first");
                assertThat(probes).as("one of both probes").allMatch(request -> by(request, "first") == first);
                assertThat(Instant.parse(probe(one).getString("real_trial_at")))
                        .isCloseTo(
                                Instant.parse(probe(other).getString("real_trial_at")), within(5, ChronoUnit.SECONDS));
                assertThat(permit(one)).isEqualTo(503);
                assertThat(permit(other)).isEqualTo(503);

                RunningServer gone = first ? one : other;
                RunningServer left = first ? other : one;
                gone.close();
                int before = provider.requests.size();
                eventually(() -> provider.requests.size() >= before + 2);
                assertThat(provider.requests.subList(before + 1, provider.requests.size()))
                        .as("the other one has taken over")
                        .allMatch(request -> by(request, "first") != first);
                assertThat(probe(left).getBoolean("trusted")).isTrue();
                assertThat(probe(left).getBoolean("last_good")).isFalse();
                assertThat(probe(left).getString("next_at")).isNotNull();

                provider.answer(200);
                eventually(() -> permit(left) == 200);
                assertThat(probe(left).getBoolean("last_good")).isTrue();
            }
        }
    }

    private RunningServer server(String secret) throws IOException {
        Path file = Files.writeString(folder.resolve(secret), secret + "-with-a-secret");
        JsonArray secrets = new JsonArray()
                .add(new JsonObject()
                        .put("name", "WHO")
                        .put("file", file.toString())
                        .put("organizations", new JsonArray().add("acme"))
                        .put("hosts", new JsonArray().add("127.0.0.1")));
        return RunningServer.on(
                Files.createDirectory(folder.resolve(secret + "-data")),
                Map.of(
                        "redis-url",
                        redis.url(),
                        "redis-slow-after",
                        "1s",
                        "database-url",
                        database,
                        "outbound-hosts",
                        "127.0.0.1:" + provider.port(),
                        "outbound-secrets",
                        secrets.encode()));
    }

    private void put(RunningServer server) {
        JsonObject probe = new JsonObject()
                .put("url", provider.url("/v1/models"))
                .put("headers", new JsonObject().put("X-Api-Key", "${secret:WHO}"))
                .put("interval", "1s")
                .put("needed", 2)
                .put("spacing", "100ms")
                .put("suspicion", 0);
        JsonObject policy = new JsonObject()
                .put("failure_threshold", 2)
                .put("cooldown", "100ms")
                .put("probe", probe);
        HttpResponse<String> answer = server.send("PUT", "/api/v1/policies/model%3A*", "admin@acme", policy.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static boolean by(String request, String server) {
        return request.contains("X-Api-Key: " + server + "-server-with-a-secret\r\n");
    }

    private static void report(RunningServer server, String outcome) {
        assertThat(server.post(CIRCUIT + "/outcomes", "agent@acme", outcome).statusCode())
                .isEqualTo(200);
    }

    private static int permit(RunningServer server) {
        return server.post(CIRCUIT + "/permits", "agent@acme", "{}").statusCode();
    }

    private static String state(RunningServer server) {
        return circuit(server).getString("state");
    }

    private static JsonObject probe(RunningServer server) {
        return circuit(server).getJsonObject("probe");
    }

    private static JsonObject circuit(RunningServer server) {
        return json(server.get(CIRCUIT, "viewer@acme"));
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }
}
