package dev.interlock.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Many clients that decide locally, each with one connection for polls and one for what else it says, as a few bytes each. */
final class SyncFleet implements AutoCloseable {
    /** Circuits that every client watches, and circuits that one alone does. */
    static final int SHARED = 10;

    static final int OWN = 40;
    private static final int AT_ONCE = 100;
    private static final int WAIT_MILLIS = 25_000;
    private static final int PATIENCE_SECONDS = 120;

    /** Hears when a client has heard that a circuit has moved. */
    interface Hearer {
        void heard(String circuit, long nanoTime);
    }

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final HttpClient polls;
    private final HttpClient others;
    private final int port;
    private final String key;
    private final List<Client> clients = new ArrayList<>();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile Hearer hearer = (circuit, when) -> {};
    private volatile boolean closed;

    SyncFleet(int port, String key, int size) {
        this.port = port;
        this.key = key;
        HttpClientOptions options = new HttpClientOptions().setIdleTimeout(0).setKeepAliveTimeout(600);
        polls = vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(size));
        others = vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(AT_ONCE));
        for (int i = 0; i < size; i++) {
            clients.add(new Client(i));
        }
    }

    /** All say what they watch, some at a time, and wait for news from then on. */
    void join() throws InterruptedException {
        eachSome(client -> client.say(polls, new JsonObject().put("watch", client.circuits()))
                .onSuccess(answer -> {
                    client.inEffect(answer);
                    client.poll(); // its connection is known by its key before others come
                }));
    }

    /** Each reports outcomes, some at a time. */
    void report(int number, int outcomes) throws InterruptedException {
        eachSome(client -> client.say(
                        others, new JsonObject().put("batch", number).put("outcomes", client.outcomes(outcomes)))
                .mapEmpty());
    }

    void hearer(Hearer next) {
        hearer = next;
    }

    /** Polls that were answered so far. */
    long answers() {
        return answers.get();
    }

    private interface Step {
        Future<?> of(Client client);
    }

    private void eachSome(Step step) throws InterruptedException {
        for (int from = 0; from < clients.size(); from += AT_ONCE) {
            List<Client> some = clients.subList(from, Math.min(from + AT_ONCE, clients.size()));
            CountDownLatch left = new CountDownLatch(some.size());
            for (Client client : some) {
                step.of(client).onComplete(done -> {
                    note(done.cause());
                    left.countDown();
                });
            }
            if (!left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Not all clients were answered");
            }
            check();
        }
    }

    private void note(@Nullable Throwable failed) {
        if (failed != null) {
            failure.compareAndSet(null, failed);
        }
    }

    /** Fails if a request of any client has failed. */
    void check() {
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("A client was not answered", failed);
        }
    }

    @Override
    public void close() {
        closed = true;
        vertx.close().await();
    }

    static String shared(int number) {
        return "model:shared-" + number;
    }

    static String own(int client, int number) {
        return "agent-" + client + "-" + number;
    }

    private final class Client {
        private final int number;
        private long generation;
        private String cursor = "";

        Client(int number) {
            this.number = number;
        }

        JsonArray circuits() {
            JsonArray names = new JsonArray();
            for (int i = 0; i < SHARED; i++) {
                names.add(shared(i));
            }
            for (int i = 0; i < OWN; i++) {
                names.add(own(number, i));
            }
            return names;
        }

        JsonArray outcomes(int count) {
            JsonArray outcomes = new JsonArray();
            for (int i = 0; i < count; i++) {
                outcomes.add(new JsonObject()
                        .put("agent_id", own(number, i % OWN))
                        .put("depends_on", new JsonArray().add(shared(i % SHARED)))
                        .put("outcome", "success")
                        .put("duration_ms", 1_200)
                        .put("age_ms", 80));
            }
            return outcomes;
        }

        Future<JsonObject> say(HttpClient over, JsonObject fields) {
            JsonObject request = new JsonObject().put("client", "client-of-the-benchmark-" + number);
            if (generation > 0) {
                request.put("generation", generation).put("cursor", cursor);
            }
            Buffer body = request.mergeIn(fields).toBuffer();
            return over.request(HttpMethod.POST, port, "127.0.0.1", "/api/v1/sync")
                    // What reads the answer is there before the request is sent: the rest of it waits for nobody.
                    .compose(call -> call.putHeader("Authorization", "Bearer " + key)
                            .putHeader("Content-Type", "application/json")
                            .send(body)
                            .compose(this::read));
        }

        private Future<JsonObject> read(HttpClientResponse answer) {
            return answer.body()
                    .compose(body -> answer.statusCode() == 200
                            ? Future.succeededFuture(new JsonObject(body))
                            : Future.failedFuture(answer.statusCode() + " " + body));
        }

        void inEffect(JsonObject answer) {
            generation = answer.getLong("generation");
            cursor = answer.getString("cursor");
        }

        void poll() {
            say(polls, new JsonObject().put("wait_ms", WAIT_MILLIS)).onComplete(done -> {
                if (closed) {
                    return;
                }
                if (done.failed()) {
                    note(done.cause());
                    return;
                }
                long now = System.nanoTime();
                answers.incrementAndGet();
                inEffect(done.result());
                JsonArray moved = done.result().getJsonArray("circuits", new JsonArray());
                for (Object each : moved) {
                    hearer.heard(((JsonObject) each).getString("agent_id"), now);
                }
                poll();
            });
        }
    }
}
