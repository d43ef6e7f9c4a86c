package dev.interlock.server.sync;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A client as the contract describes one: keeps generation and cursor of what it has put in effect. */
final class SyncCaller {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final String credential;
    private final String id;
    private RunningServer server;
    private long generation;
    private String cursor;

    SyncCaller(RunningServer server, String credential, String id) {
        this.server = server;
        this.credential = credential;
        this.id = id;
    }

    static SyncCaller of(RunningServer server, String role) {
        return new SyncCaller(server, RunningServer.token(role), "client-of-sixteen-" + System.nanoTime());
    }

    /** Another server answers from now on. */
    void moveTo(RunningServer other) {
        server = other;
    }

    long generation() {
        return generation;
    }

    String cursor() {
        return cursor;
    }

    /** What it says in addition to the given fields. */
    JsonObject request(JsonObject fields) {
        JsonObject request = new JsonObject().put("client", id);
        if (generation > 0) {
            request.put("generation", generation).put("cursor", cursor);
        }
        return request.mergeIn(fields);
    }

    /** Says something and puts the answer in effect. */
    JsonObject say(JsonObject fields) {
        return effect(ok(answer(fields)));
    }

    JsonObject watch(String... names) {
        return say(new JsonObject().put("watch", new JsonArray(List.of(names))));
    }

    JsonObject report(long batch, JsonObject... outcomes) {
        return say(new JsonObject().put("batch", batch).put("outcomes", new JsonArray(List.of((Object[]) outcomes))))
                .getJsonObject("receipt");
    }

    /** Says something; what is answered changes nothing here. */
    HttpResponse<String> answer(JsonObject fields) {
        return server.send(server.request("/api/v1/sync", null)
                .header("Authorization", "Bearer " + credential)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(request(fields).encode()))
                .build());
    }

    /** Waits for news elsewhere. */
    CompletableFuture<HttpResponse<String>> poll(int millis) {
        return CLIENT.sendAsync(
                server.request("/api/v1/sync", null)
                        .header("Authorization", "Bearer " + credential)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(
                                request(new JsonObject().put("wait_ms", millis)).encode()))
                        .build(),
                BodyHandlers.ofString());
    }

    JsonObject effect(JsonObject answer) {
        generation = answer.getLong("generation");
        cursor = answer.getString("cursor");
        return answer;
    }

    static JsonObject ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    /** What an answer says of a circuit. */
    static JsonObject circuit(JsonObject answer, String name) {
        for (Object each : answer.getJsonArray("circuits", new JsonArray())) {
            if (((JsonObject) each).getString("agent_id").equals(name)) {
                return (JsonObject) each;
            }
        }
        throw new AssertionError(name + " is not in " + answer);
    }

    static JsonObject failure(String agent) {
        return new JsonObject().put("agent_id", agent).put("outcome", "failure").put("kind", "TIMEOUT");
    }

    static JsonObject success(String agent) {
        return new JsonObject().put("agent_id", agent).put("outcome", "success");
    }
}
