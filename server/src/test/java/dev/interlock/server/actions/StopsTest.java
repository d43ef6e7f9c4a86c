package dev.interlock.server.actions;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code POST /api/v1/actions} with stop and resume, and what is stopped, over a restart, too. */
class StopsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.on(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void everything_stops_whatever_circuits_say_and_goes_on_as_it_was() {
        act("{\"action\":\"hold_closed\"}", "/api/v1/circuits/held/action");
        permit("planner");
        JsonObject before = circuit("planner");

        JsonObject stopped = ok(act("{\"action\":\"stop\",\"covers\":\"organization\",\"reason\":\"too dear\"}"));
        assertThat(stopped.getBoolean("complete")).as(stopped.encode()).isTrue();
        assertThat(stopped.getBoolean("durable")).isTrue();
        assertThat(stopped.getInteger("processes")).isEqualTo(1);
        assertThat(stopped.getJsonArray("not_confirmed")).isEmpty();
        for (String agent : new String[] {"planner", "held", "never-heard-of"}) {
            HttpResponse<String> refused = take(agent);
            assertThat(refused.statusCode()).as(agent).isEqualTo(503);
            assertThat(json(refused).getString("type")).isEqualTo("gate-closed");
        }
        assertThat(server.post("/api/v1/circuits/planner/permits", "agent@rival", "{}")
                        .statusCode())
                .as("another organization")
                .isEqualTo(200);
        assertThat(circuit("planner")).as("no circuit has changed").isEqualTo(before);
        JsonObject gate = gates().getJsonObject(0);
        assertThat(gate).isEqualTo(stopped.getJsonObject("gate"));
        assertThat(gate.getString("author")).isEqualTo("operator (token of tests)");
        assertThat(gate.getString("reason")).isEqualTo("too dear");
        assertThat(json(server.get("/api/v1/gates", "viewer@rival")).getJsonArray("gates"))
                .isEmpty();

        server.close();
        server = RunningServer.on(folder);
        assertThat(take("planner").statusCode()).as("after a restart").isEqualTo(503);
        JsonObject resumed = ok(act("{\"action\":\"resume\",\"covers\":\"organization\",\"reason\":\"paid\"}"));
        assertThat(resumed.getJsonObject("gate").getString("id")).isEqualTo("stop");
        assertThat(take("planner").statusCode()).isEqualTo(200);
        assertThat(circuit("planner").getString("state")).isEqualTo("closed");
        assertThat(gates()).isEmpty();

        JsonArray trail =
                json(server.get("/api/v1/gates/changes", "viewer@acme")).getJsonArray("changes");
        assertThat(trail).hasSize(2);
        assertThat(trail.getJsonObject(0).getString("action")).isEqualTo("removed");
        assertThat(trail.getJsonObject(0).getString("reason")).isEqualTo("paid");
        assertThat(trail.getJsonObject(1).getString("action")).isEqualTo("put");
        HttpResponse<String> page = server.get("/api/v1/gates/changes?limit=1", "viewer@acme");
        String next = page.headers().firstValue("Link").orElseThrow().replaceAll("<(.*)>.*", "$1");
        assertThat(json(server.get(next, "viewer@acme"))
                        .getJsonArray("changes")
                        .getJsonObject(0)
                        .getString("reason"))
                .isEqualTo("too dear");
    }

    @Test
    void a_pattern_of_agents_or_an_upstream_stops_those_calls_alone_and_moves_with_its_end() {
        ok(act("{\"action\":\"stop\",\"covers\":\"agents\",\"pattern\":\"planner-*\"}"));
        assertThat(take("planner-1").statusCode()).isEqualTo(503);
        permit("writer");
        ok(act("{\"action\":\"stop\",\"covers\":\"upstream\",\"pattern\":\"model:*\"}"));
        permit("writer");
        assertThat(server.post("/api/v1/circuits/writer/permits", "agent@acme", "{\"depends_on\":[\"model:m\"]}")
                        .statusCode())
                .isEqualTo(503);
        assertThat(gates()).hasSize(2);

        String end = Instant.now().plusSeconds(600).toString();
        JsonObject moved = ok(
                act("{\"action\":\"stop\",\"covers\":\"agents\",\"pattern\":\"planner-*\",\"until\":\"" + end + "\"}"));
        assertThat(moved.getJsonObject("replaced").getString("until")).isNull();
        assertThat(Instant.parse(moved.getJsonObject("gate").getString("until")))
                .isBetween(Instant.parse(end).minusMillis(2), Instant.parse(end).plusMillis(2));
        assertThat(gates()).hasSize(2);

        ok(act("{\"action\":\"resume\",\"id\":\"stop:upstream:model:*\"}"));
        assertThat(gates()).hasSize(1);
        HttpResponse<String> gone = act("{\"action\":\"resume\",\"id\":\"stop:upstream:model:*\"}");
        assertThat(gone.statusCode()).isEqualTo(404);
        assertThat(json(gone).getString("detail")).contains("Nothing is stopped under the id");
        String longest = "a".repeat(255) + "*";
        ok(act("{\"action\":\"stop\",\"covers\":\"agents\",\"pattern\":\"" + longest + "\"}"));
        ok(act("{\"action\":\"resume\",\"covers\":\"agents\",\"pattern\":\"" + longest + "\"}"));
    }

    @Test
    void a_preview_counts_and_stops_nothing() {
        permit("planner-1");
        permit("planner-2");
        server.post("/api/v1/circuits/writer/permits", "agent@acme", "{\"depends_on\":[\"model:m\"]}");
        JsonObject agents =
                ok(act("{\"action\":\"stop\",\"covers\":\"agents\",\"pattern\":\"planner-*\",\"dry_run\":true}"));
        assertThat(agents.getInteger("found")).isEqualTo(2);
        assertThat(agents.getJsonArray("agents")).containsExactly("planner-1", "planner-2");
        JsonObject upstream =
                ok(act("{\"action\":\"stop\",\"covers\":\"upstream\",\"pattern\":\"model:m\",\"dry_run\":true}"));
        assertThat(upstream.getJsonArray("agents")).containsExactly("model:m", "writer");
        JsonObject all = ok(act("{\"action\":\"stop\",\"covers\":\"organization\",\"dry_run\":true}"));
        assertThat(all.getInteger("found")).isEqualTo(4);
        assertThat(gates()).isEmpty();
        permit("planner-1");
    }

    @Test
    void who_has_not_confirmed_is_listed_with_what_it_will_do_and_confirms_with_its_next_sync() {
        JsonObject local = sync("local", null);
        JsonObject refuse = sync("refuse", null);
        JsonObject stopped = ok(act("{\"action\":\"stop\",\"covers\":\"organization\"}"));
        assertThat(stopped.getBoolean("complete")).isFalse();
        assertThat(stopped.getInteger("clients")).isZero();
        assertThat(will(stopped)).isEqualTo(Map.of("client-local", "go_on", "client-refuse", "stop_by_itself"));

        local = sync("local", local);
        sync("local", local);
        JsonObject left = json(server.get("/api/v1/gates", "viewer@acme"));
        assertThat(will(left)).isEqualTo(Map.of("client-refuse", "stop_by_itself"));
        sync("refuse", sync("refuse", refuse));
        assertThat(json(server.get("/api/v1/gates", "viewer@acme")).getJsonArray("not_confirmed"))
                .isEmpty();
    }

    @Test
    void a_client_that_waits_for_news_confirms_before_the_answer() {
        JsonObject heard = sync("local", null);
        CompletableFuture<JsonObject> client = CompletableFuture.supplyAsync(() -> {
            JsonObject present = heard;
            for (int i = 0; i < 2; i++) { // the news, and that it is in effect
                present = sync("local", present, 20_000);
            }
            return present;
        });
        await().atMost(LONG)
                .until(() ->
                        server.get("/metrics", "viewer@acme").body().contains("interlock_sync_clients_waiting 1.0"));
        JsonObject stopped = ok(act("{\"action\":\"stop\",\"covers\":\"organization\"}"));
        assertThat(stopped.getInteger("clients")).as(stopped.encode()).isEqualTo(1);
        assertThat(stopped.getBoolean("complete")).isTrue();
        ok(act("{\"action\":\"resume\",\"id\":\"stop\"}"));
        assertThat(client).succeedsWithin(LONG);
    }

    @Test
    void a_client_that_has_left_is_not_waited_for() throws Exception {
        JsonObject heard = sync("local", null);
        CompletableFuture<JsonObject> waiting =
                CompletableFuture.supplyAsync(() -> sync("local", heard, 20_000, false));
        await().atMost(LONG)
                .until(() ->
                        server.get("/metrics", "viewer@acme").body().contains("interlock_sync_clients_waiting 1.0"));
        leave("local");
        leave("local");
        assertThat(waiting).as("what it waits for is answered").succeedsWithin(LONG);

        JsonObject stopped = ok(act("{\"action\":\"stop\",\"covers\":\"organization\"}"));
        assertThat(stopped.getBoolean("complete")).as(stopped.encode()).isTrue();
        assertThat(stopped.getInteger("clients")).isZero();
        assertThat(stopped.getJsonArray("not_confirmed")).isEmpty();

        HttpResponse<String> refused = server.post(
                "/api/v1/sync", "agent@acme", "{\"client\":\"client-of-sixteen-local\",\"batch\":1,\"leaving\":true}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused).getString("detail")).contains("leaving: comes alone");
    }

    private void leave(String unreachable) {
        JsonObject request = new JsonObject()
                .put("client", "client-of-sixteen-" + unreachable)
                .put("leaving", true);
        assertThat(ok(server.post("/api/v1/sync", "agent@acme", request.encode()))
                        .fieldNames())
                .containsExactlyInAnyOrder("generation", "cursor", "stale_after_ms");
    }

    @Test
    void what_does_not_belong_together_is_refused_before_anything_is_done() {
        refused("{\"action\":\"stop\"}", "covers is missing");
        refused("{\"action\":\"stop\",\"covers\":\"agents\"}", "needs a pattern");
        refused("{\"action\":\"stop\",\"covers\":\"organization\",\"pattern\":\"a*\"}", "has no pattern");
        refused("{\"action\":\"stop\",\"covers\":\"agents\",\"pattern\":\" \"}", "must not be empty");
        refused("{\"action\":\"stop\",\"covers\":\"organization\",\"query\":\"held\"}", "query does not belong");
        refused(
                "{\"action\":\"stop\",\"covers\":\"organization\",\"until\":\"2020-01-01T00:00:00Z\"}",
                "in the future");
        refused("{\"action\":\"resume\"}", "covers is missing");
        refused("{\"action\":\"resume\",\"id\":\"stop\",\"covers\":\"organization\"}", "not both");
        refused("{\"action\":\"resume\",\"id\":\"stop\",\"dry_run\":true}", "do not belong");
        assertThat(gates()).isEmpty();
    }

    @Test
    void a_server_that_requires_reasons_requires_them_here_too() {
        try (RunningServer strict = new RunningServer(Map.of("require-reason", "true"))) {
            HttpResponse<String> answer = strict.post(
                    "/api/v1/actions", "operator@acme", "{\"action\":\"stop\",\"covers\":\"organization\"}");
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(json(answer).getString("type")).isEqualTo("reason-required");
            assertThat(json(strict.get("/api/v1/gates", "viewer@acme")).getJsonArray("gates"))
                    .isEmpty();
        }
    }

    private void refused(String body, String detail) {
        HttpResponse<String> answer = act(body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(json(answer).getString("detail")).contains(detail);
    }

    private static Map<String, String> will(JsonObject answer) {
        return answer.getJsonArray("not_confirmed").stream()
                .map(JsonObject.class::cast)
                .collect(java.util.stream.Collectors.toMap(
                        each -> each.getString("name"), each -> each.getString("will")));
    }

    private JsonObject sync(String unreachable, JsonObject heard) {
        return sync(unreachable, heard, 0);
    }

    /** What a client says that is called by what it does when it hears no server; its answer is in effect afterwards. */
    private JsonObject sync(String unreachable, JsonObject heard, int wait) {
        return sync(unreachable, heard, wait, true);
    }

    private JsonObject sync(String unreachable, JsonObject heard, int wait, boolean watches) {
        JsonObject request = new JsonObject()
                .put("client", "client-of-sixteen-" + unreachable)
                .put("name", "client-" + unreachable)
                .put("on_unreachable", unreachable)
                .put("wait_ms", wait);
        if (watches) {
            request.put("watch", new JsonArray().add("planner"));
        }
        if (heard != null) {
            request.put("generation", heard.getLong("generation")).put("cursor", heard.getString("cursor"));
        }
        return ok(server.post("/api/v1/sync", "agent@acme", request.encode()));
    }

    private JsonArray gates() {
        return json(server.get("/api/v1/gates", "viewer@acme")).getJsonArray("gates");
    }

    private JsonObject circuit(String agent) {
        return json(server.get("/api/v1/circuits/" + agent, "viewer@acme"));
    }

    private void permit(String agent) {
        assertThat(take(agent).statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> take(String agent) {
        return server.post("/api/v1/circuits/" + agent + "/permits", "agent@acme", "{}");
    }

    private HttpResponse<String> act(String body) {
        return act(body, "/api/v1/actions");
    }

    private HttpResponse<String> act(String body, String path) {
        return server.post(path, "operator@acme", body);
    }

    private static JsonObject ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }
}
