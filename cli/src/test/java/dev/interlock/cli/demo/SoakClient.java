package dev.interlock.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks a server that may be away at any moment. Safe for use by any thread. */
final class SoakClient {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI server;
    private volatile boolean away;

    SoakClient(URI server) {
        this.server = server;
    }

    /** An answer; its status is 0 if there was none. */
    record Answer(int status, String body) {
        boolean isGood() {
            return status / 100 == 2;
        }

        JsonNode json() {
            try {
                return Api.JSON.readTree(body);
            } catch (JsonProcessingException e) {
                return Api.JSON.missingNode();
            }
        }
    }

    /** Whether the last request was not answered. */
    boolean isAway() {
        return away;
    }

    Answer get(String path, String key) throws InterruptedException {
        return ask("GET", path, key, null);
    }

    Answer post(String path, String key, String json) throws InterruptedException {
        return ask("POST", path, key, json);
    }

    Answer ask(String method, String path, String key, String json) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + key)
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            away = false;
            return new Answer(answer.statusCode(), answer.body());
        } catch (IOException noAnswer) {
            away = true;
            return new Answer(0, "");
        }
    }

    static String circuit(String name, String what) {
        return "/api/v1/circuits/" + URLEncoder.encode(name, StandardCharsets.UTF_8) + what;
    }
}
