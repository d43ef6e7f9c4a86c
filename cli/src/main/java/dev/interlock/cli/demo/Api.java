package dev.interlock.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.monitor.AgentLogger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The server as its callers see it, with one caller's key. Safe for use by any thread. */
final class Api {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient client;
    private final URI server;
    private final String key;

    private Api(HttpClient client, URI server, String key) {
        this.client = client;
        this.server = server;
        this.key = key;
    }

    /**
     * A server, seen by one caller.
     *
     * @param server its address
     * @param key the caller's key
     */
    static Api of(URI server, String key) {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build();
        return new Api(client, server, key);
    }

    /** The same server, seen by another caller. */
    Api as(String otherKey) {
        return new Api(client, server, otherKey);
    }

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param body its JSON; a missing node if there is none
     */
    record Reply(int status, JsonNode body) {
        boolean isGood() {
            return status / 100 == 2;
        }
    }

    /**
     * Asks, and does not wait.
     *
     * @param body what becomes JSON, or null for none
     * @return the answer, or a failure if the server cannot be reached
     */
    CompletableFuture<Reply> send(String method, String path, @Nullable Map<String, ? extends Object> body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + key)
                .method(
                        method,
                        body == null
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(JSON.valueToTree(body).toString()));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        return client.sendAsync(request.build(), BodyHandlers.ofString())
                .thenApply(answer -> new Reply(answer.statusCode(), read(answer.body())));
    }

    /**
     * Asks, and waits for the answer.
     *
     * @throws IllegalStateException if the server refuses or cannot be reached
     */
    JsonNode demand(String method, String path, @Nullable Map<String, ? extends Object> body) {
        try {
            Reply reply = send(method, path, body).join();
            if (!reply.isGood()) {
                throw new IllegalStateException("The server refused " + method + " " + path + ": "
                        + reply.body().path("detail").asText());
            }
            return reply.body();
        } catch (CompletionException failed) {
            throw new IllegalStateException("The server did not answer " + method + " " + path, failed.getCause());
        }
    }

    /** The agent log of this caller. */
    AgentLogger.Builder log() {
        return AgentLogger.http(server, key);
    }

    /** Opens the stream of changes, and waits until it is open. */
    WebSocket listen(WebSocket.Listener listener) {
        URI stream = URI.create(server.toString().replaceFirst("^http", "ws") + "/api/v1/stream");
        return client.newWebSocketBuilder()
                .connectTimeout(PATIENCE)
                .header("Authorization", "Bearer " + key)
                .buildAsync(stream, listener)
                .join();
    }

    private static JsonNode read(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }
}
