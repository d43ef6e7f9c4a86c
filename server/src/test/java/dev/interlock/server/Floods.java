package dev.interlock.server;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Floods of one organization, {@code evil}, each aimed at one room that all organizations share, by the room's name in
 * the table of {@code docs/security.md}.
 */
final class Floods implements AutoCloseable {
    private static final int THREADS = 3;
    private static final int IN_FLIGHT = 64;
    private static final int UNFINISHED = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** One request of a flood, the number of which is given; whatever it is answered. */
    private interface Step {
        void run(int number) throws IOException, InterruptedException;
    }

    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
    private final List<Socket> sockets = new ArrayList<>();
    private final List<WebSocket> streams = new ArrayList<>();
    private final Map<String, Step> steps = new LinkedHashMap<>();
    private final AtomicInteger refused = new AtomicInteger();

    /**
     * Floods of a server on this machine.
     *
     * @param port where it listens
     */
    Floods(int port) {
        this.port = port;
        String longBatch = batch(1_000, 1_900);
        steps.put("bodies of the log", this::unfinishedLog);
        steps.put("rows of the log", i -> send("POST", "/api/v1/logs/batch", "agent", longBatch));
        steps.put("entry ids", i -> send("POST", "/api/v1/logs/batch", "agent", named(i)));
        steps.put("unfinished outcomes", this::unfinishedOutcomes);
        String outcomes = outcomes(20_000);
        steps.put("batches of outcomes", i -> send("POST", "/api/v1/outcomes", "agent", outcomes));
        steps.put("bodies of traces", i -> send("POST", "/v1/traces", "agent", traces(i)));
        steps.put("circuits", i -> send("POST", "/api/v1/circuits/made-up-" + i + "/permits", "agent", "{}"));
        steps.put("health figures", i -> send("POST", "/api/v1/outcomes", "agent", outcome(i)));
        steps.put("permits", this::settled);
        steps.put("memory for descriptions", i -> send("PUT", "/api/v1/agents/m" + i, "operator", metadata()));
        steps.put("keys", i -> send("POST", "/api/v1/keys", "admin", "{\"name\":\"k\",\"role\":\"viewer\"}"));
        steps.put("policies", i -> send("PUT", "/api/v1/policies/p" + i, "admin", "{\"cooldown\":\"1s\"}"));
        steps.put("overrides", i -> send("POST", "/api/v1/circuits/o" + i % 500 + "/action", "operator", hold(i)));
        steps.put("threads for the database", i -> send("GET", "/api/v1/agents/x-1/logs?limit=1000", "viewer", null));
        steps.put("threads for computing", i -> send("GET", "/api/v1/agents?limit=1000", "viewer", null));
        steps.put("event loops", i -> send("GET", "/api/v1/circuits/", "viewer", null));
        steps.put(
                "remembered tokens",
                i -> bearer("/api/v1/me", RunningServer.token("viewer@evil", Duration.ofMinutes(10))));
        steps.put("tickets", i -> send("POST", "/api/v1/stream/tickets", "viewer", null));
        steps.put("streams", this::stream);
        steps.put("clients that decide locally", i -> send("POST", "/api/v1/sync", "agent", client(i)));
    }

    Iterable<String> rooms() {
        return steps.keySet();
    }

    /** Floods a room while something else is done. */
    void during(String room, Runnable other) {
        Step step = steps.get(room);
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger numbers = new AtomicInteger();
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(CompletableFuture.runAsync(
                    () -> {
                        while (!done.get()) {
                            try {
                                step.run(numbers.getAndIncrement());
                            } catch (IOException cut) {
                                refused.incrementAndGet();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                    },
                    task -> new Thread(task, "flood").start()));
        }
        try {
            other.run();
        } finally {
            done.set(true);
            threads.forEach(CompletableFuture::join);
            end();
        }
    }

    /** Requests of the floods that were refused so far. */
    int refused() {
        return refused.get();
    }

    private void end() {
        try {
            if (!inFlight.tryAcquire(IN_FLIGHT, 1, TimeUnit.MINUTES)) {
                throw new AssertionError("Requests of the flood were never answered");
            }
            inFlight.release(IN_FLIGHT);
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        streams.forEach(WebSocket::abort);
        sockets.clear();
        streams.clear();
    }

    @Override
    public void close() {
        end();
    }

    private void send(String method, String path, String role, String body) throws InterruptedException {
        HttpRequest.Builder request = request(path, RunningServer.token(role + "@evil"));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        ask(request.method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private void bearer(String path, String token) throws InterruptedException {
        ask(request(path, token).build());
    }

    private HttpRequest.Builder request(String path, String token) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token);
    }

    private void ask(HttpRequest request) throws InterruptedException {
        inFlight.acquire();
        client.sendAsync(request, BodyHandlers.discarding()).whenComplete((answer, failed) -> {
            if (failed != null || answer.statusCode() >= 400) {
                refused.incrementAndGet();
            }
            inFlight.release();
        });
    }

    private void settled(int number) throws IOException, InterruptedException {
        String permit = new JsonObject(client.send(
                                request("/api/v1/circuits/p/permits", RunningServer.token("agent@evil"))
                                        .header("Content-Type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                        .build(),
                                BodyHandlers.ofString())
                        .body())
                .getString("permit");
        if (permit != null) {
            send(
                    "POST",
                    "/api/v1/outcomes",
                    "agent",
                    new JsonObject()
                            .put("permit", permit)
                            .put("outcome", "success")
                            .encode());
        }
    }

    private void unfinishedLog(int number) throws IOException {
        unfinished("/api/v1/logs/batch", "application/json", 3 << 20);
    }

    private void unfinishedOutcomes(int number) throws IOException {
        unfinished("/api/v1/outcomes", "application/x-ndjson", 60_000);
    }

    private void unfinished(String path, String type, int length) throws IOException {
        Socket socket = null;
        synchronized (sockets) {
            if (sockets.size() >= UNFINISHED) {
                socket = sockets.remove(0);
            }
        }
        if (socket != null) {
            try {
                socket.getOutputStream().write(' '); // goes on without an end; fails where it was refused
            } catch (IOException refusedBefore) {
                socket.close();
                throw refusedBefore;
            }
        } else {
            socket = begin(path, type, length);
        }
        synchronized (sockets) {
            sockets.add(socket);
        }
    }

    private Socket begin(String path, String type, int length) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        OutputStream out = socket.getOutputStream();
        out.write(("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type + "\r\nAuthorization: Bearer "
                        + RunningServer.token("agent@evil") + "\r\nContent-Length: 8388608\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(" ".repeat(length).getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return socket;
    }

    private void stream(int number) throws IOException, InterruptedException {
        WebSocket socket;
        synchronized (streams) {
            socket = streams.size() < 200 ? null : streams.get(number % streams.size());
        }
        if (socket != null) {
            if (socket.sendText("{\"type\":\"resync\"}", true)
                    .handle((sent, closed) -> closed != null)
                    .join()) {
                refused.incrementAndGet();
                synchronized (streams) {
                    streams.remove(socket);
                }
            }
            return;
        }
        WebSocket opened = client.newWebSocketBuilder()
                .header("Authorization", "Bearer " + RunningServer.token("viewer@evil"))
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/api/v1/stream"), new WebSocket.Listener() {})
                .handle((connected, failed) -> connected)
                .join();
        if (opened == null) {
            refused.incrementAndGet();
            return;
        }
        synchronized (streams) {
            streams.add(opened);
        }
    }

    private static String batch(int entries, int length) {
        JsonArray all = new JsonArray();
        for (int i = 0; i < entries; i++) {
            all.add(entry("x-" + i % 50)
                    .put("input_summary", "x".repeat(length))
                    .put("output_summary", "y".repeat(length)));
        }
        return new JsonObject().put("entries", all).encode();
    }

    private static String named(int number) {
        JsonArray all = new JsonArray();
        for (int i = 0; i < 1_000; i++) {
            all.add(entry("x").put("entry_id", number + "-" + i).put("guarded", true));
        }
        return new JsonObject().put("entries", all).encode();
    }

    private static JsonObject entry(String agent) {
        return new JsonObject()
                .put("agent_id", agent)
                .put("action_type", "llm_inference")
                .put("status", "success")
                .put("timestamp", Instant.now());
    }

    private static String outcome(int number) {
        return new JsonObject()
                .put("agent_id", "judged-" + number)
                .put("outcome", "success")
                .encode();
    }

    private static String outcomes(int count) {
        JsonArray all = new JsonArray();
        for (int i = 0; i < count; i++) {
            all.add(new JsonObject()
                    .put("agent_id", "batched-" + i % 100)
                    .put("outcome", "success")
                    .put("duration_ms", i % 1_000));
        }
        return all.encode();
    }

    /** Another client each time, with other circuits. */
    private static String client(int number) {
        JsonArray watch = new JsonArray();
        for (int i = 0; i < 1_000; i++) {
            watch.add("w-" + number + "-" + i + "-" + "x".repeat(200));
        }
        return new JsonObject()
                .put("client", "client-of-a-flood-" + number)
                .put("watch", watch)
                .encode();
    }

    /** Calls that wait for an agent which never comes, each of a trace of its own. */
    private static String traces(int number) {
        JsonArray spans = new JsonArray();
        long now = System.currentTimeMillis() * 1_000_000;
        for (int i = 0; i < 500; i++) {
            spans.add(new JsonObject()
                    .put("traceId", String.format("%016x%016x", number + 1, i + 1))
                    .put("spanId", String.format("%016x", i + 1))
                    .put("parentSpanId", String.format("%016x", i + 2))
                    .put("startTimeUnixNano", Long.toString(now))
                    .put("endTimeUnixNano", Long.toString(now))
                    .put(
                            "attributes",
                            new JsonArray()
                                    .add(attribute("gen_ai.operation.name", "chat"))
                                    .add(attribute("gen_ai.request.model", "traced-" + i))));
        }
        JsonObject scope = new JsonObject().put("spans", spans);
        return new JsonObject()
                .put(
                        "resourceSpans",
                        new JsonArray().add(new JsonObject().put("scopeSpans", new JsonArray().add(scope))))
                .encode();
    }

    private static JsonObject attribute(String key, String value) {
        return new JsonObject().put("key", key).put("value", new JsonObject().put("stringValue", value));
    }

    private static String metadata() {
        JsonObject metadata = new JsonObject();
        for (int i = 0; i < 4; i++) {
            metadata.put("name-" + i, "v".repeat(1_000));
        }
        return new JsonObject().put("metadata", metadata).encode();
    }

    private static String hold(int number) {
        return new JsonObject()
                .put("action", number % 2 == 0 ? "hold_open" : "release")
                .put("reason", "r".repeat(1_000))
                .encode();
    }
}
