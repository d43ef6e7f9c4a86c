package dev.interlock.server;

import dev.interlock.server.config.Config;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import dev.interlock.server.security.UnauthorizedException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** A real server on a free port, with callers that are named by what they may do, and a real client. */
public final class RunningServer implements AutoCloseable {
    private final Server server;
    private final HttpClient client = HttpClient.newHttpClient();

    /** Starts it. */
    public RunningServer() {
        this(Map.of());
    }

    /** Starts it with further flags. */
    public RunningServer(Map<String, String> flags) {
        Map<String, String> all = new java.util.HashMap<>(Map.of("port", "0", "event-loops", "2"));
        all.putAll(flags);
        server = Server.start(Config.read(all, Map.of(), null), RunningServer::caller);
    }

    /** {@code Bearer viewer@acme} is a viewer of organization acme. */
    private static Future<Caller> caller(String header) {
        if (header == null || !header.startsWith("Bearer ") || !header.contains("@")) {
            return Future.failedFuture(new UnauthorizedException("This call needs the header 'Authorization: Bearer'"));
        }
        String[] parts = header.substring("Bearer ".length()).split("@");
        return Future.succeededFuture(
                new Caller(parts[1], Role.of(parts[0]), parts[0] + " of " + parts[1], null, false));
    }

    /** Asks. */
    public HttpResponse<String> get(String path, String caller) {
        return send("GET", path, caller, null);
    }

    /** Sends JSON. */
    public HttpResponse<String> post(String path, String caller, String json) {
        return send("POST", path, caller, json);
    }

    /** Sends anything. */
    public HttpResponse<String> send(String method, String path, String caller, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(30))
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (caller != null) {
            request.header("Authorization", "Bearer " + caller);
        }
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads an answer. */
    public static JsonObject json(HttpResponse<String> answer) {
        return new JsonObject(answer.body());
    }

    /** The address of a path. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    /** The server itself. */
    public Server server() {
        return server;
    }

    @Override
    public void close() {
        server.close();
    }
}
