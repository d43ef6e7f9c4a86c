package dev.interlock.server.permits;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.interlock.redis.RedisServer;
import dev.interlock.server.RunningServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What guarding from afar costs the server, beside a bare Vert.x JSON echo that looks its caller's key up in a map. Run
 * its main method, with the argument {@code redis} for settled permits that servers share; it counts the CPU time of the
 * server's event loops and of its tie to Redis alone, so a busy machine disturbs it little.
 */
public final class PermitLoad {
    private static final int CONNECTIONS = 16;
    private static final int CALLS = 60_000;
    private static final int WARM_UP = 60_000;
    private static final int LINES = 1_000_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static volatile long clientThread = -1;

    private PermitLoad() {}

    /** Prints the ratio of the two, and outcomes per second of a core. */
    public static void main(String[] args) throws Exception {
        Vertx echoes = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        Vertx clients = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        Map<String, String> flags = new HashMap<>(
                Map.of("event-loops", "1", "requests-per-second", "1000000", "request-burst", "10000000"));
        boolean shared = Arrays.asList(args).contains("redis");
        try (RedisServer redis = shared ? RedisServer.start() : null;
                RunningServer server = new RunningServer(with(flags, redis))) {
            int echoPort = echo(echoes);
            Promise<Long> thread = Promise.promise();
            clients.runOnContext(here -> thread.complete(Thread.currentThread().getId()));
            clientThread = thread.future().await();
            int port = server.uri("/").getPort();
            HttpClientAgent client = clients.createHttpClient(
                    new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(CONNECTIONS));
            Calls calls = new Calls(client, RunningServer.token("agent@acme"));
            double echo = 0;
            double permit = 0;
            double outcome = 0;
            for (int round = 0; round < 4; round++) {
                echo = calls.micros(echoPort, "/", WARM_UP);
                permit = calls.micros(port, "/api/v1/circuits/planner/permits", CALLS);
                outcome = calls.micros(port, "/api/v1/circuits/planner/outcomes", CALLS);
                System.out.printf(
                        "echo %.1f us, permit %.1f us (%.2f x), outcome %.1f us (%.2f x)%n",
                        echo, permit, permit / echo, outcome, outcome / echo);
            }
            for (int round = 0; round < 3; round++) {
                System.out.printf("batch: %,.0f outcomes/s a core%n", calls.batch(port));
            }
            for (int round = 0; round < 3; round++) {
                calls.micros(port, "/api/v1/circuits/planner/permits", CALLS);
                System.out.printf("batch with permits: %s%n", calls.batchWithPermits(port));
            }
            System.out.println(server.get("/metrics", "viewer@acme")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("interlock_permits_settled_alone_total"))
                    .toList());
        } finally {
            clients.close().await();
            echoes.close().await();
        }
    }

    private static Map<String, String> with(Map<String, String> flags, RedisServer redis) {
        if (redis != null) {
            flags.put("redis-url", redis.url());
            flags.put("redis-slow-after", "1s");
        }
        return flags;
    }

    private static int echo(Vertx vertx) {
        Map<String, String> keys = Map.of("Bearer " + RunningServer.token("agent@acme"), "agent");
        return vertx.createHttpServer()
                .requestHandler(request -> {
                    if (!keys.containsKey(request.getHeader("Authorization"))) {
                        request.response().setStatusCode(401).end();
                        return;
                    }
                    request.body()
                            .onSuccess(body -> request.response()
                                    .putHeader("Content-Type", "application/json")
                                    .end(new JsonObject(body).toBuffer()));
                })
                .listen(0)
                .await()
                .actualPort();
    }

    /** A client that keeps some connections busy. */
    private static final class Calls {
        private final HttpClientAgent client;
        private final String token;
        private final String[] permits = new String[CALLS];

        Calls(HttpClientAgent client, String token) {
            this.client = client;
            this.token = token;
        }

        /** CPU time of the server's event loop a call, in microseconds. */
        double micros(int port, String path, int calls) throws InterruptedException {
            long before = loops();
            CountDownLatch done = new CountDownLatch(calls);
            AtomicInteger next = new AtomicInteger();
            for (int i = 0; i < CONNECTIONS; i++) {
                call(port, path, next, calls, done);
            }
            done.await();
            return (loops() - before) / 1e3 / calls;
        }

        private void call(int port, String path, AtomicInteger next, int calls, CountDownLatch done) {
            int number = next.getAndIncrement();
            if (number >= calls) {
                return;
            }
            boolean takes = path.endsWith("permits");
            String body = path.endsWith("outcomes")
                    ? "{\"permit\":\"" + permits[number] + "\",\"outcome\":\"success\",\"duration_ms\":12}"
                    : takes ? "{}" : "{\"permit\":\"" + "x".repeat(120) + "\",\"outcome\":\"success\"}";
            client.request(HttpMethod.POST, port, "127.0.0.1", path)
                    .compose(request -> authorized(request).send(body))
                    .compose(answer -> answer.statusCode() == 200
                            ? answer.body()
                            : Future.failedFuture("status " + answer.statusCode()))
                    .onComplete(answer -> {
                        if (answer.failed()) {
                            answer.cause().printStackTrace();
                        } else if (takes) {
                            permits[number] = answer.result().toJsonObject().getString("permit");
                        }
                        done.countDown();
                        call(port, path, next, calls, done);
                    });
        }

        private HttpClientRequest authorized(HttpClientRequest request) {
            return request.putHeader("Authorization", "Bearer " + token).putHeader("Content-Type", "application/json");
        }

        /** Outcomes a second of the server's CPU. */
        double batch(int port) {
            Buffer piece = Buffer.buffer("{\"agent_id\":\"planner\",\"outcome\":\"success\",\"duration_ms\":12.5}\n"
                    .repeat(1_000)
                    .getBytes(UTF_8));
            long before = loops();
            JsonObject answer = client.request(HttpMethod.POST, port, "127.0.0.1", "/api/v1/outcomes")
                    .compose(request -> {
                        authorized(request)
                                .putHeader("Content-Type", "application/x-ndjson")
                                .setChunked(true);
                        return send(request, piece, LINES / 1_000);
                    })
                    .compose(sent -> sent.response())
                    .compose(response -> response.body())
                    .await()
                    .toJsonObject();
            if (answer.getInteger("counted") != LINES) {
                throw new IllegalStateException(answer.encode());
            }
            return LINES * 1e9 / (loops() - before);
        }

        /** Outcomes a second by the clock and of the server's CPU, in batches of a thousand one after the other. */
        String batchWithPermits(int port) {
            long before = loops();
            long began = System.nanoTime();
            for (int from = 0; from < CALLS; from += 1_000) {
                StringBuilder body = new StringBuilder();
                for (int i = from; i < from + 1_000; i++) {
                    body.append("{\"permit\":\"").append(permits[i]).append("\",\"outcome\":\"success\"}\n");
                }
                JsonObject answer = client.request(HttpMethod.POST, port, "127.0.0.1", "/api/v1/outcomes")
                        .compose(request -> authorized(request)
                                .putHeader("Content-Type", "application/x-ndjson")
                                .send(body.toString()))
                        .compose(response -> response.body())
                        .await()
                        .toJsonObject();
                if (answer.getInteger("counted") != 1_000) {
                    throw new IllegalStateException(answer.encode());
                }
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            return "%,.0f outcomes/s, %,.0f a core".formatted(CALLS / seconds, CALLS * 1e9 / (loops() - before));
        }

        private static Future<HttpClientRequest> send(HttpClientRequest request, Buffer piece, int times) {
            return times == 0
                    ? request.end().map(request)
                    : request.write(piece).compose(written -> send(request, piece, times - 1));
        }

        /** CPU time of all event loops but the client's. */
        private static long loops() {
            return Arrays.stream(THREADS.getAllThreadIds())
                    .filter(PermitLoad::isServers)
                    .map(THREADS::getThreadCpuTime)
                    .sum();
        }
    }

    private static boolean isServers(long id) {
        ThreadInfo info = THREADS.getThreadInfo(id);
        return info != null
                && (info.getThreadName().startsWith("vert.x-eventloop")
                        || info.getThreadName().startsWith("lettuce-"))
                && id != clientThread;
    }
}
