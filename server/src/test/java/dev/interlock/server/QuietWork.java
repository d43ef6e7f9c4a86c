package dev.interlock.server;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What an organization that harms nobody does, {@code good}: a little of everything, and how long that takes. */
final class QuietWork {
    /**
     * How long requests took.
     *
     * @param median of all
     * @param p95 the 95th percentile
     * @param slowest of all
     */
    record Times(Duration median, Duration p95, Duration slowest) {
        @Override
        public String toString() {
            return String.format(
                    "%.1f ms (median %.1f, slowest %.1f)",
                    p95.toNanos() / 1e6, median.toNanos() / 1e6, slowest.toNanos() / 1e6);
        }
    }

    private final RunningServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> refusals = new ArrayList<>();
    private int requests;
    private int rows;

    QuietWork(RunningServer server) {
        this.server = server;
    }

    /** Works for some rounds. */
    Times rounds(int rounds) {
        List<Duration> took = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            String permit = new JsonObject(ask(took, "POST", "/api/v1/circuits/planner/permits", "agent", "{}"))
                    .getString("permit", "");
            ask(
                    took,
                    "POST",
                    "/api/v1/outcomes",
                    "agent",
                    new JsonObject()
                            .put("permit", permit)
                            .put("outcome", "success")
                            .encode());
            ask(took, "POST", "/api/v1/logs/batch", "agent", batch());
            ask(took, "GET", "/api/v1/circuits/planner", "viewer", null);
            ask(took, "GET", "/api/v1/agents?limit=10", "viewer", null);
            ask(took, "GET", "/api/v1/agents/planner/logs?limit=10", "viewer", null);
            ask(took, "GET", "/api/v1/circuits/planner/transitions", "viewer", null);
            ask(took, "PUT", "/api/v1/agents/planner", "operator", "{\"metadata\":{\"team\":\"logistics\"}}");
            ask(took, "POST", "/api/v1/circuits/critic/action", "operator", "{\"action\":\"hold_open\"}");
            ask(took, "POST", "/api/v1/circuits/critic/action", "operator", "{\"action\":\"release\"}");
            ask(
                    took,
                    "POST",
                    "/api/v1/sync",
                    "agent",
                    "{\"client\":\"a-client-of-the-quiet-one\",\"watch\":[\"planner\",\"critic\"]}");
            if (i == 0) { // one that is never used counts for a while, for this caller as for any
                ask(took, "POST", "/api/v1/stream/tickets", "viewer", null);
            }
        }
        Collections.sort(took);
        return new Times(took.get(took.size() / 2), took.get(took.size() * 95 / 100), took.get(took.size() - 1));
    }

    List<String> refusals() {
        return refusals;
    }

    int requests() {
        return requests;
    }

    /** Whether every row that was accepted can be found again. */
    boolean rowsAreAllThere() {
        org.awaitility.Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> stored() >= rows);
        return stored() == rows;
    }

    private int stored() {
        int count = 0;
        String path = "/api/v1/agents/planner/logs?action_type=llm_inference&limit=1000";
        while (path != null) {
            HttpResponse<String> page = server.get(path, "viewer@good");
            count += RunningServer.json(page).getJsonArray("logs").size();
            path = page.headers()
                    .firstValue("Link")
                    .map(link -> link.substring(1, link.indexOf('>')))
                    .orElse(null);
        }
        return count;
    }

    private String ask(List<Duration> took, String method, String path, String role, String body) {
        HttpRequest.Builder request = server.request(path, role + "@good")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        long began = System.nanoTime();
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            took.add(Duration.ofNanos(System.nanoTime() - began));
            requests++;
            if (answer.statusCode() >= 300 || answer.statusCode() == 202) {
                refusals.add(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            refusals.add(method + " " + path + ": " + e);
            return "{}";
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String batch() {
        rows++;
        return new JsonObject()
                .put(
                        "entries",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("agent_id", "planner")
                                        .put("action_type", "llm_inference")
                                        .put("status", "success")
                                        .put("entry_id", "good-" + rows)
                                        .put("timestamp", Instant.now())))
                .encode();
    }
}
