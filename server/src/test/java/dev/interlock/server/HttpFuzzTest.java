package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Rounds;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Paths, queries, headers and bodies as no client should send them, from a seeded generator: each is answered, never with
 * a 5xx but an open circuit's own, and nobody else's circuits move.
 */
@Tag("heavy")
class HttpFuzzTest {
    private static final int CALLS = 100_000;
    private static final int AT_ONCE = 64;

    /** What callers may grow within the server's limits: names, figures, log rows on their way. */
    private static final long MOST_GROWTH = 16L << 20;

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW");
    private static final List<String> PIECES = List.of(
            "/",
            "//",
            "api",
            "v1",
            "circuits",
            "/api/v1/circuits/",
            "/api/v1/outcomes",
            "/api/v1/policies/",
            "/api/v1/keys",
            "/api/v1/stream",
            "/api/v1/agents",
            "/api/v1/agents/",
            "/api/v1/logs/batch",
            "/health",
            "/history",
            "/logs",
            "?since=",
            "?execution_id=",
            "&after=",
            "/api/v1/stream/tickets",
            "/metrics",
            "/readyz",
            "action",
            "/permits",
            "/outcomes",
            "/transitions",
            "planner",
            "%2F",
            "%",
            "%zz",
            "%00",
            "%C0%80",
            "%ED%A0%80",
            "%F0%9F%98%80",
            "+",
            "..",
            ".",
            "*",
            ";a=b",
            "?",
            "&",
            "=",
            "#",
            "state=open",
            "limit=-1",
            "limit=99999999999999999999",
            "before=1",
            "after=%FF",
            "prefix=",
            "null",
            "-1",
            "1e999",
            "é",
            "\u00ff",
            "'",
            "\\",
            "|",
            "{agent_id}",
            "%25252F");
    private static final List<String> JSON = List.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "\"action\"",
            "\"opened\"",
            "\"outcome\"",
            "\"success\"",
            "\"failure\"",
            "\"kind\"",
            "\"TIMEOUT\"",
            "\"agent_id\"",
            "\"planner\"",
            "\"permit\"",
            "\"depends_on\"",
            "\"duration_ms\"",
            "\"name\"",
            "\"role\"",
            "\"cooldown\"",
            "\"failure_kinds\"",
            "\"probe\"",
            "null",
            "true",
            "1",
            "-1",
            "1e999",
            "0.1",
            "99999999999999999999999",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\n",
            "{}",
            "[]",
            "[[[[[[[[[[",
            "\u00ff",
            "//",
            "{\"outcome\":\"success\"}",
            "{\"logs\":[",
            "{\"agent_id\":\"a\",\"action_type\":\"tool_call\",\"status\":\"failure\","
                    + "\"timestamp\":\"2027-01-31T18:00:00Z\",\"metadata\":{\"x\":[{}]}}",
            "{\"display_name\":\"x\",\"metadata\":{\"a\":\"b\"}}",
            "]}",
            "{\"agent_id\":\"a\",\"outcome\":\"failure\",\"kind\":\"LOOP\"}",
            "{\"action\":\"open\",\"until\":\"9999999999999-01-01T00:00:00Z\"}");
    private static final List<String> TYPES = List.of(
            "application/json",
            "application/x-ndjson",
            "application/json; charset=utf-16",
            "text/plain",
            "",
            ";;;",
            "multipart/form-data; boundary=x",
            "application/json, text/html",
            "\u00e9/\u00e9");
    private static final List<String> ROLES = List.of("viewer", "operator", "admin", "agent");

    private final Random random = new Random(20270131);

    @Test
    void nothing_that_is_sent_breaks_the_server_or_moves_others_circuits() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (RunningServer server = new RunningServer(Map.of(
                "max-circuits", "1000",
                "failures-per-minute", "1000000",
                "failure-burst", "1000000",
                "requests-per-second", "1000000",
                "request-burst", "10000000"))) {
            server.post("/api/v1/circuits/planner/action", "operator@victim", "{\"action\":\"hold_open\"}");
            server.post("/api/v1/circuits/writer/action", "operator@victim", "{\"action\":\"close\"}");
            String before = circuits(server);
            HttpClientAgent client = vertx.createHttpClient(
                    new HttpClientOptions()
                            .setDefaultHost("127.0.0.1")
                            .setDefaultPort(server.server().port()),
                    new PoolOptions().setHttp1MaxSize(AT_ONCE));
            int calls = Rounds.of(CALLS, 1);
            send(client, calls / 2);
            long heldAtHalf = heldBytes();
            send(client, calls / 2);
            assertThat(heldBytes() - heldAtHalf).as("growth of memory").isLessThan(MOST_GROWTH);
            assertThat(circuits(server)).isEqualTo(before);
            assertThat(RunningServer.json(server.get("/readyz", null)).getString("status"))
                    .isEqualTo("ok");
        } finally {
            vertx.close().await(30, TimeUnit.SECONDS);
        }
    }

    private void send(HttpClientAgent client, int calls) throws Exception {
        for (int sent = 0; sent < calls; sent += AT_ONCE) {
            List<Future<Void>> answers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                answers.add(send(client));
            }
            Future.all(answers).await(60, TimeUnit.SECONDS);
        }
    }

    /** What is left after collections, of the client's too. */
    private static long heldBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    private Future<Void> send(HttpClientAgent client) {
        String method = pick(METHODS);
        String path = "/" + (random.nextInt(4) == 0 ? "" : "api/v1/circuits/") + some(PIECES, 6);
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.valueOf(method))
                .setURI(path)
                .setTimeout(30_000);
        if (random.nextInt(10) > 0) {
            options.putHeader("Authorization", "Bearer " + RunningServer.token(pick(ROLES) + "@attacker"));
        } else {
            options.putHeader("Authorization", some(PIECES, 5));
        }
        String type = pick(TYPES);
        options.putHeader("Content-Type", type);
        Buffer body =
                method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS") ? Buffer.buffer() : body();
        String asked = method + " " + path + " " + type + " " + body.toString(StandardCharsets.ISO_8859_1);
        return client.request(options)
                .compose(request -> {
                    Future<Void> answered = request.response().compose(answer -> {
                        Buffer content = Buffer.buffer();
                        Promise<Void> ended = Promise.promise();
                        answer.handler(content::appendBuffer)
                                .exceptionHandler(ended::tryFail)
                                .endHandler(end -> {
                                    try {
                                        check(asked, answer.statusCode(), content, method);
                                        ended.complete();
                                    } catch (AssertionError | RuntimeException wrong) {
                                        ended.tryFail(wrong);
                                    }
                                });
                        return ended.future();
                    });
                    request.end(body);
                    return answered;
                })
                .timeout(20, TimeUnit.SECONDS)
                .recover(failed -> Future.failedFuture(new AssertionError(asked + " -> " + failed, failed)));
    }

    private static void check(String asked, int status, Buffer content, String method) {
        String type = status >= 400 && !method.equals("HEAD") ? new JsonObject(content).getString("type") : "";
        if (status >= 500) {
            assertThat(type).as(asked + " -> " + status + " " + content).isEqualTo("circuit-open");
        }
    }

    private Buffer body() {
        if (random.nextInt(8) == 0) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            return Buffer.buffer(bytes);
        }
        if (random.nextInt(500) == 0) {
            return Buffer.buffer("[".repeat(100_000));
        }
        return Buffer.buffer(some(JSON, 12));
    }

    private String some(List<String> pieces, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append(pick(pieces));
        }
        return text.toString();
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    /** What the victim sees; what only time changes left out. */
    private static String circuits(RunningServer server) {
        JsonObject all = RunningServer.json(server.get("/api/v1/circuits/?limit=100", "viewer@victim"));
        all.forEach(each -> ((JsonObject) each.getValue()).remove("retry_after_ms"));
        return all.encode();
    }
}
