package dev.interlock.server.sync;

import static dev.interlock.server.RawConnection.head;
import static dev.interlock.server.RunningServer.json;
import static dev.interlock.server.sync.SyncCaller.circuit;
import static dev.interlock.server.sync.SyncCaller.failure;
import static dev.interlock.server.sync.SyncCaller.ok;
import static dev.interlock.server.sync.SyncCaller.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RawConnection;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that mean no good, or have a key that is limited or gone: against a real server. */
@Tag("heavy")
class SyncAttacksTest {
    private static final int LONG = 25_000;
    private static final String CLIENT = "\"client\":\"a-client-of-sixteen\"";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_poll_ends_with_its_key() throws Exception {
        JsonObject key = key("revoked", new JsonObject());
        SyncCaller client = new SyncCaller(server, key.getString("key"), "client-of-a-removed-key");
        client.watch("planner");
        CompletableFuture<HttpResponse<String>> poll = client.poll(LONG);
        await().until(() -> waiting("revoked") == 1);

        server.send("DELETE", "/api/v1/keys/" + key.getString("id"), "admin@revoked", null);

        HttpResponse<String> ended = poll.get(20, TimeUnit.SECONDS);
        assertThat(ended.statusCode()).isEqualTo(401);
        assertThat(json(ended).getString("type")).isEqualTo("unauthorized");
        await().until(() -> waiting("revoked") == 0);
    }

    @Test
    void a_poll_whose_connection_is_gone_waits_no_longer() {
        try (RawConnection connection = new RawConnection(server)) {
            SyncCaller client = SyncCaller.of(server, "agent@gone");
            client.watch("planner");
            String body = client.request(new JsonObject().put("wait_ms", LONG)).encode();
            connection.send(post("agent@gone", body));
            await().until(() -> waiting("gone") == 1);
        }
        await().until(() -> waiting("gone") == 0);
    }

    @Test
    void nobody_hears_of_another_organization() throws Exception {
        SyncCaller mine = new SyncCaller(server, RunningServer.token("agent@mine"), "one-id-for-two-fleets");
        SyncCaller theirs = new SyncCaller(server, RunningServer.token("agent@theirs"), "one-id-for-two-fleets");
        mine.watch("planner");
        theirs.watch("planner");
        theirs.report(1, failure("planner"));
        CompletableFuture<HttpResponse<String>> poll = mine.poll(LONG);
        await().until(() -> waiting("mine") == 1);

        server.post("/api/v1/circuits/planner/action", "operator@theirs", "{\"action\":\"hold_open\"}");
        server.send("PUT", "/api/v1/policies/plan%2A", "admin@theirs", "{\"failure_threshold\": 2}");

        assertThat(circuit(theirs.say(new JsonObject()), "planner").getBoolean("held"))
                .isTrue();
        assertThat(poll).isNotDone();
        assertThat(mine.say(new JsonObject()).getString("cursor"))
                .as("nor how much happens there")
                .isEqualTo(mine.cursor());
        assertThat(mine.report(1, success("planner")).getBoolean("repeated"))
                .as("numbers of reports are each client's own")
                .isFalse();
        poll.cancel(true);
    }

    @Test
    void a_client_is_known_under_its_own_key_alone() {
        JsonObject one = key("keys", new JsonObject());
        JsonObject other = key("keys", new JsonObject());
        SyncCaller client = new SyncCaller(server, one.getString("key"), "a-client-that-is-copied");
        client.watch("planner");
        client.report(7, success("planner"));
        SyncCaller thief = new SyncCaller(server, other.getString("key"), "a-client-that-is-copied");

        HttpResponse<String> unknown = thief.answer(new JsonObject());

        assertThat(unknown.statusCode()).isEqualTo(409);
        assertThat(json(unknown).getString("type")).isEqualTo("sync-unknown");
        thief.watch("writer");
        thief.report(8, success("writer"));
        assertThat(client.report(8, success("planner")).getBoolean("repeated")).isFalse();
    }

    @Test
    void a_limited_key_watches_and_reports_what_its_agents_use_and_nothing_else() {
        JsonObject key = key("limited", new JsonObject().put("agents", "team-*").put("speaks_for", "team-a"));
        SyncCaller client = new SyncCaller(server, key.getString("key"), "client-of-limited-key");
        server.post("/api/v1/circuits/rival/action", "operator@limited", "{\"action\":\"hold_open\"}");

        JsonObject answer = client.watch("team-a", "rival", "model:m", "key:k");

        assertThat(answer.getJsonArray("circuits").stream().map(each -> ((JsonObject) each).getString("agent_id")))
                .containsExactly("team-a", "model:m", "key:k");
        assertThat(answer.getJsonArray("unwatched")).hasSize(1);
        assertThat(answer.getJsonArray("unwatched").getJsonObject(0).getString("agent_id"))
                .isEqualTo("rival");
        assertThat(answer.getJsonArray("unwatched").encode()).contains("limited to 'team-*'");
        JsonObject receipt = client.report(
                1,
                success("team-a").put("depends_on", new JsonArray(List.of("model:m"))),
                success("rival"),
                success("team-a").put("depends_on", new JsonArray(List.of("rival"))),
                success("team-a").put("caller", "rival"),
                success("team-a").put("caller", "team-a"));
        assertThat(receipt.getInteger("counted")).isEqualTo(2);
        assertThat(receipt.getInteger("refused")).isEqualTo(3);
        assertThat(client.say(new JsonObject()
                                .put("batch", 2)
                                .put(
                                        "refusals",
                                        new JsonArray()
                                                .add(new JsonObject()
                                                        .put("agent_id", "rival")
                                                        .put("circuit", "rival")
                                                        .put("count", 1))))
                        .getJsonObject("receipt")
                        .getInteger("refused"))
                .isEqualTo(1);
    }

    @Test
    void who_may_not_guard_calls_may_not_sync() {
        String body = "{" + CLIENT + ",\"watch\":[]}";
        assertThat(server.post("/api/v1/sync", "viewer@roles", body).statusCode())
                .isEqualTo(403);
        assertThat(server.post("/api/v1/sync", "operator@roles", body).statusCode())
                .isEqualTo(403);
        assertThat(server.post("/api/v1/sync", null, body).statusCode()).isEqualTo(401);
        assertThat(server.post("/api/v1/sync", "agent@roles", body).statusCode())
                .isEqualTo(200);
    }

    @Test
    void what_is_no_request_is_refused_with_the_reason() {
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("", "must be a JSON object");
        bodies.put("[]", "must be a JSON object");
        bodies.put("{}", "client: is missing");
        bodies.put("{\"client\":\"short\"}", "client = 'short': must be 16 to 64");
        bodies.put("{\"client\":17}", "client = '17'");
        bodies.put("{" + CLIENT + "," + CLIENT + "}", "client: is there twice");
        bodies.put("{\"wait_ms\":null,\"wait_ms\":3," + CLIENT + "}", "wait_ms: is there twice");
        bodies.put("{" + CLIENT + ",\"colour\":1}", "'colour' is no field here");
        bodies.put("{" + CLIENT + ",\"colour\":null}", "'colour' is no field here");
        bodies.put("{" + CLIENT + ",\"cursor\":\"-1\"}", "cursor = '-1'");
        bodies.put("{" + CLIENT + ",\"cursor\":1}", "cursor = '1': must be the cursor of an answer");
        bodies.put("{" + CLIENT + ",\"cursor\":\"9999999999999999999\"}", "cursor = ");
        bodies.put("{" + CLIENT + ",\"generation\":1e3}", "generation = '1e3'");
        bodies.put("{" + CLIENT + ",\"generation\":99999999999999999999}", "generation = ");
        bodies.put("{" + CLIENT + ",\"wait_ms\":25001}", "wait_ms = '25001': must be a whole number, 0 to 25000");
        bodies.put("{" + CLIENT + ",\"batch\":0}", "batch = '0'");
        bodies.put("{" + CLIENT + ",\"outcomes\":[]}", "batch: is missing");
        bodies.put("{" + CLIENT + ",\"watch\":\"planner\"}", "watch = 'planner': must be an array");
        bodies.put("{" + CLIENT + ",\"watch_number\":3}", "watch: is missing");
        bodies.put("{" + CLIENT + ",\"watch\":[],\"watch_number\":0}", "watch_number = '0'");
        bodies.put("{" + CLIENT + ",\"watch\":[\"a\",\"a\"]}", "watch[1] = 'a': is there twice");
        bodies.put("{" + CLIENT + ",\"watch\":[\" \"]}", "watch[0] = ' '");
        bodies.put("{" + CLIENT + ",\"watch\":[\"a\\u0000b\"]}", "watch[0] = ");
        bodies.put("{" + CLIENT + ",\"watch\":[\"\\ud800\"]}", "watch[0] = ");
        bodies.put("{" + CLIENT + ",\"watch\":[" + "[".repeat(500) + "]".repeat(500) + "]}", "watch[0] = ");
        bodies.put("{" + CLIENT + ",\"batch\":1,\"entries\":" + "[".repeat(500) + "]".repeat(500) + "}", "no JSON");
        bodies.put("{" + CLIENT + ",\"batch\":1,\"refusals\":[{\"agent_id\":\"a\"}]}", "must have agent_id, circuit");
        bodies.put("{" + CLIENT + ",\"on_unreachable\":\"panic\"}", "local, allow or refuse");
        bodies.put("{" + CLIENT + ",\"name\":\"a\\u202eb\"}", "name = ");
        bodies.put("{" + CLIENT + ",\"outcomes\":[{]}", "no JSON");
        bodies.put("{" + CLIENT + "} {}", "must end after its JSON object");
        bodies.put("\ufeff{" + CLIENT + "}", "must be JSON in UTF-8");

        bodies.forEach((body, detail) -> {
            HttpResponse<String> refused = server.post("/api/v1/sync", "agent@bodies", body);
            assertThat(refused.statusCode()).as(body).isEqualTo(400);
            assertThat(json(refused).getString("detail")).as(body).contains(detail);
        });
        assertThat(metric("bodies", "interlock_sync_clients"))
                .as("none of them is a client")
                .isZero();
        HttpResponse<String> clock = server.post(
                "/api/v1/sync",
                "agent@bodies",
                "{" + CLIENT + ",\"watch\":[],\"batch\":1,\"entries\":[],\"sent_at\":\"noon\"}");
        assertThat(clock.statusCode()).isEqualTo(400);
        assertThat(json(clock).getString("detail")).contains("sent_at");
    }

    @Test
    void a_report_of_any_length_is_cut_out_right() {
        SyncCaller client = SyncCaller.of(server, "agent@long");
        client.watch("planner");
        for (int size : new int[] {0, 1, 40, 400, 1_000}) {
            JsonArray outcomes = new JsonArray();
            JsonArray entries = new JsonArray();
            for (int i = 0; i < size; i++) {
                outcomes.add(success("planner").put("duration_ms", i));
                entries.add(new JsonObject()
                        .put("agent_id", "planner")
                        .put("action_type", "decision")
                        .put("status", "success")
                        .put("output_summary", "[{\"ü\\" + i)
                        .put("timestamp", "2026-01-01T00:00:00Z"));
            }
            JsonObject receipt = client.say(new JsonObject()
                            .put("sent_at", "2026-01-01T00:00:01Z")
                            .put("entries", entries)
                            .put("batch", 1 + size)
                            .put("outcomes", outcomes))
                    .getJsonObject("receipt");
            assertThat(receipt.getInteger("counted")).isEqualTo(size);
            assertThat(receipt.getInteger("entries")).isEqualTo(size);
        }
    }

    @Test
    void a_body_beyond_the_limit_is_413() {
        String body = "{" + CLIENT + ",\"name\":\"" + "x".repeat(2 << 20) + "\"}";
        assertThat(server.post("/api/v1/sync", "agent@large", body).statusCode())
                .isEqualTo(413);
    }

    /** Five of nearly two MiB are more than a quarter of the room. */
    @Test
    void bodies_that_never_end_are_refused_beyond_the_share_of_their_organization() {
        List<RawConnection> connections = new ArrayList<>();
        try {
            byte[] blanks = " ".repeat(2_000_000).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 5; i++) {
                RawConnection connection = new RawConnection(server);
                connections.add(connection);
                connection.send(head("POST", "/api/v1/sync", "agent@unfinished")
                        + "Content-Type: application/json\r\nContent-Length: 2000001\r\n\r\n");
                connection.trySend(blanks);
            }
            CompletableFuture<?>[] heads = connections.stream()
                    .map(each -> CompletableFuture.supplyAsync(
                                    each::readHead, task -> new Thread(task, "reader").start())
                            .thenAccept(head -> assertThat(head).startsWith("HTTP/1.1 429 ")))
                    .toArray(CompletableFuture<?>[]::new);
            assertThat(CompletableFuture.anyOf(heads)).succeedsWithin(Duration.ofSeconds(20));
            ok(SyncCaller.of(server, "agent@another").answer(new JsonObject().put("watch", new JsonArray())));
        } finally {
            connections.forEach(RawConnection::close);
        }
        await().untilAsserted(() -> ok(SyncCaller.of(server, "agent@unfinished")
                .answer(new JsonObject().put("watch", new JsonArray()).put("name", "again"))));
    }

    @Test
    void a_report_of_a_connection_that_is_cut_counts_once_when_it_is_sent_again() {
        SyncCaller client = SyncCaller.of(server, "agent@cut");
        client.watch("planner");
        for (int batch = 1; batch <= 20; batch++) {
            JsonObject report =
                    new JsonObject().put("batch", batch).put("outcomes", new JsonArray(List.of(success("planner"))));
            try (RawConnection connection = new RawConnection(server)) {
                connection.send(post("agent@cut", client.request(report).encode()));
            }
            assertThat(ok(client.answer(report)).getJsonObject("receipt").getInteger("counted"))
                    .isEqualTo(1);
        }
        assertThat(json(server.get("/api/v1/circuits/planner", "viewer@cut")).getInteger("success_count"))
                .isEqualTo(20);
    }

    /** Each answer has a thousand circuits; none is read before all are asked for. */
    @Test
    void who_does_not_read_its_answers_delays_nobody_and_gets_them_all() {
        SyncCaller client = SyncCaller.of(server, "agent@slow");
        client.watch(IntStream.range(0, 1_000).mapToObj(i -> "circuit-" + i).toArray(String[]::new));
        String request = post(
                "agent@slow",
                client.request(new JsonObject().put("cursor", "0")).encode());
        int count = 40;
        try (RawConnection connection = new RawConnection(server)) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(
                    () -> connection.send(request.repeat(count)), task -> new Thread(task, "sender").start());
            SyncCaller other = SyncCaller.of(server, "agent@quick");
            other.watch("planner");
            for (int i = 1; i <= 20; i++) {
                assertThat(other.report(i, success("planner")).getInteger("counted"))
                        .isEqualTo(1);
            }
            for (int i = 0; i < count; i++) {
                String head = connection.readHead();
                assertThat(head).startsWith("HTTP/1.1 200 ");
                int length = Integer.parseInt(head.replaceAll("(?is).*content-length: (\\d+).*", "$1"));
                JsonObject answer = new JsonObject(new String(connection.read(length), StandardCharsets.UTF_8));
                assertThat(answer.getJsonArray("circuits")).hasSize(1_000);
            }
            sent.join();
        }
    }

    private static String post(String caller, String body) {
        return head("POST", "/api/v1/sync", caller) + "Content-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static JsonObject key(String organization, JsonObject limits) {
        HttpResponse<String> made = server.post(
                "/api/v1/keys",
                "admin@" + organization,
                new JsonObject()
                        .put("name", "a key")
                        .put("role", "agent")
                        .mergeIn(limits)
                        .encode());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return json(made);
    }

    private static double waiting(String organization) {
        return metric(organization, "interlock_sync_clients_waiting");
    }

    private static double metric(String organization, String name) {
        return server.get("/metrics", "viewer@" + organization)
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }
}
