package dev.interlock.server.permits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who a caller is over HTTP: the key, or whom a key names that bears {@code speaks_for}. */
class CallersTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
        server.send(
                "PUT",
                "/api/v1/policies/model:*",
                "admin@acme",
                "{\"failure_threshold\": 3, \"failure_rate_threshold\": null, \"min_callers\": 2}");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_key_is_a_caller_whatever_agents_it_calls_for() {
        JsonObject one = newKey(null);
        JsonObject another = newKey(null);
        while (slot(one) == slot(another)) { // two callers of one slot count as one
            another = newKey(null);
        }
        String good = one.getString("key");
        String failing = another.getString("key");
        call(good, "writer", "model:keys", null, true);
        for (int i = 0; i < 4; i++) {
            call(failing, "agent-" + i, "model:keys", null, false);
        }
        assertThat(state("model:keys")).isEqualTo("closed");
        call(good, "writer", "model:keys", null, false);
        assertThat(state("model:keys")).isEqualTo("open");
    }

    @Test
    void a_gateways_key_names_the_callers() {
        String gateway = key("team-*");
        call(gateway, "writer", "model:named", "team-b", true);
        for (int i = 0; i < 4; i++) {
            call(gateway, "reader", "model:named", "team-a", false);
        }
        assertThat(state("model:named")).isEqualTo("closed");
        assertThat(circuit("reader").getInteger("failure_count"))
                .isEqualTo(2); // those that only team-b kept from tripping
        call(gateway, "writer", "model:named", "team-b", false);
        assertThat(state("model:named")).isEqualTo("open");
    }

    @Test
    void outcomes_without_a_permit_have_callers_too() {
        String gateway = key("team-*");
        report(gateway, "model:bare", "team-b", true);
        for (int i = 0; i < 4; i++) {
            report(gateway, "model:bare", "team-a", false);
        }
        assertThat(state("model:bare")).isEqualTo("closed");
        report(gateway, "model:bare", "team-b", false);
        assertThat(state("model:bare")).isEqualTo("open");
    }

    @Test
    void outcomes_of_a_batch_have_callers_too() {
        String gateway = key("team-*");
        batch(gateway, outcome("model:batch", "team-b", true));
        for (int i = 0; i < 2; i++) {
            batch(gateway, outcome("model:batch", "team-a", false), outcome("model:batch", "team-a", false));
        }
        assertThat(state("model:batch")).isEqualTo("closed");

        JsonObject refused = batch(gateway, outcome("model:batch", "crew-b", false));
        assertThat(refused.getInteger("refused")).isEqualTo(1);
        assertThat(refused.getJsonArray("errors").encode()).contains("crew-b", "team-*");
        assertThat(state("model:batch")).isEqualTo("closed");

        batch(gateway, outcome("model:batch", "team-b", false));
        assertThat(state("model:batch")).isEqualTo("open");
    }

    @Test
    void a_key_that_speaks_for_an_agent_makes_its_calls_as_that_agent() {
        String collector = key("team-*");
        call(collector, "team-b", "model:unnamed", null, true);
        for (int i = 0; i < 4; i++) {
            call(collector, "team-a", "model:unnamed", null, false);
        }
        assertThat(state("model:unnamed")).isEqualTo("closed");
        call(collector, "team-b", "model:unnamed", null, false);
        assertThat(state("model:unnamed")).isEqualTo("open");
    }

    @Test
    void a_key_names_nobody_unless_it_bears_a_pattern_that_covers_the_name() {
        HttpResponse<String> none = permit(key(null), "writer", "model:m", "team-a");
        assertThat(none.statusCode()).isEqualTo(403);
        assertThat(none.body()).contains("team-a", "speaks_for");

        HttpResponse<String> another = permit(key("team-*"), "writer", "model:m", "crew-a");
        assertThat(another.statusCode()).isEqualTo(403);
        assertThat(another.body()).contains("crew-a", "team-*");

        assertThat(send(
                                key(null),
                                "POST",
                                "/api/v1/circuits/writer/outcomes",
                                "{\"outcome\":\"success\",\"caller\":\"x\"}")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void keys_of_people_speak_for_nobody() {
        HttpResponse<String> refused = server.send(
                "POST",
                "/api/v1/keys",
                "admin@acme",
                "{\"name\": \"eye\", \"role\": \"viewer\", \"speaks_for\": \"*\"}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("speaks_for");
    }

    private static void call(String key, String agent, String model, @Nullable String caller, boolean good) {
        HttpResponse<String> permit = permit(key, agent, model, caller);
        assertThat(permit.statusCode()).as(permit.body()).isEqualTo(200);
        JsonObject outcome = new JsonObject()
                .put("permit", RunningServer.json(permit).getString("permit"))
                .put("outcome", good ? "success" : "failure");
        if (!good) {
            outcome.put("kind", "SERVER_ERROR");
        }
        HttpResponse<String> settled = send(key, "POST", "/api/v1/circuits/" + agent + "/outcomes", outcome.encode());
        assertThat(settled.statusCode()).as(settled.body()).isEqualTo(200);
    }

    private static void report(String key, String name, String caller, boolean good) {
        JsonObject outcome = outcome(name, caller, good);
        outcome.remove("agent_id");
        HttpResponse<String> taken = send(key, "POST", "/api/v1/circuits/" + name + "/outcomes", outcome.encode());
        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
    }

    private static JsonObject batch(String key, JsonObject... outcomes) {
        JsonArray all = new JsonArray();
        List.of(outcomes).forEach(all::add);
        HttpResponse<String> taken = send(key, "POST", "/api/v1/outcomes", all.encode());
        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
        return RunningServer.json(taken);
    }

    private static JsonObject outcome(String name, String caller, boolean good) {
        JsonObject outcome = new JsonObject()
                .put("agent_id", name)
                .put("caller", caller)
                .put("outcome", good ? "success" : "failure");
        return good ? outcome : outcome.put("kind", "SERVER_ERROR");
    }

    private static HttpResponse<String> permit(String key, String agent, String model, @Nullable String caller) {
        JsonObject body = new JsonObject().put("depends_on", new JsonArray().add(model));
        if (caller != null) {
            body.put("caller", caller);
        }
        return send(key, "POST", "/api/v1/circuits/" + agent + "/permits", body.encode());
    }

    private static String state(String name) {
        return circuit(name).getString("state");
    }

    private static JsonObject circuit(String name) {
        return RunningServer.json(server.get("/api/v1/circuits/" + name, "admin@acme"));
    }

    /** In which of its 64 slots a circuit notes a key. */
    private static int slot(JsonObject key) {
        return key.getString("id").hashCode() * 0x9E37_79B9 >>> 26;
    }

    private static String key(@Nullable String speaksFor) {
        return newKey(speaksFor).getString("key");
    }

    private static JsonObject newKey(@Nullable String speaksFor) {
        JsonObject wanted =
                new JsonObject().put("name", "a key").put("role", "agent").put("speaks_for", speaksFor);
        HttpResponse<String> made = server.send("POST", "/api/v1/keys", "admin@acme", wanted.encode());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        assertThat(RunningServer.json(made).getString("speaks_for")).isEqualTo(speaksFor);
        return RunningServer.json(made);
    }

    private static HttpResponse<String> send(String key, String method, String path, String body) {
        return server.send(HttpRequest.newBuilder(server.uri(path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build());
    }
}
