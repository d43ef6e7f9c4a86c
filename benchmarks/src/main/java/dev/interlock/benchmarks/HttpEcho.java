package dev.interlock.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * The peer of {@link HttpLoad}: a bare Vert.x server on one event loop that finds its caller's key in a map, parses a JSON
 * object and writes it again. Prints its port, and ends with its parent.
 */
final class HttpEcho {
    private HttpEcho() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> keys = Map.of("Bearer " + arguments[0], "agent");
        Vertx vertx = PeerProgram.vertx();
        PeerProgram.serve(vertx, request -> answer(keys, request));
    }

    private static void answer(Map<String, String> keys, HttpServerRequest request) {
        if (!request.method().equals(HttpMethod.POST) || !keys.containsKey(request.getHeader("Authorization"))) {
            request.response().setStatusCode(401).end();
            return;
        }
        request.body()
                .onSuccess(body -> request.response()
                        .putHeader("Content-Type", "application/json")
                        .end(new JsonObject(body).toBuffer()));
    }
}
