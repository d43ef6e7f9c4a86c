package dev.interlock.server.sync;

import static dev.interlock.server.RunningServer.json;
import static dev.interlock.server.sync.SyncCaller.circuit;
import static dev.interlock.server.sync.SyncCaller.failure;
import static dev.interlock.server.sync.SyncCaller.ok;
import static dev.interlock.server.sync.SyncCaller.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a client hears by {@code POST /api/v1/sync}, and what becomes of what it reports: a real server, real HTTP. */
class SyncApiTest {
    private static final int LONG = 25_000;

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
    void the_first_answer_has_everything_that_is_watched() {
        SyncCaller client = SyncCaller.of(server, "agent@first");

        JsonObject answer = client.watch("planner", "model:kimi-k2");

        assertThat(answer.getBoolean("reset")).isTrue();
        assertThat(answer.getLong("generation")).isPositive();
        assertThat(answer.getInteger("stale_after_ms")).isEqualTo(30_000);
        assertThat(answer.getJsonArray("gates")).isEmpty();
        JsonObject planner = circuit(answer, "planner");
        assertThat(planner.getString("state")).isEqualTo("closed");
        assertThat(planner.getString("admits")).isEqualTo("all");
        assertThat(planner.getBoolean("held")).isFalse();
        assertThat(planner.getLong("retry_after_ms")).isZero();
        JsonObject policy = answer.getJsonObject("policies").getJsonObject(planner.getString("policy"));
        assertThat(policy.getInteger("failure_threshold")).isEqualTo(5);
        assertThat(policy.getLong("cooldown_ms")).isEqualTo(60_000);
        assertThat(policy.getJsonObject("failure_kinds").getString("TIMEOUT")).isEqualTo("COUNT");
        assertThat(client.say(new JsonObject()).fieldNames())
                .containsExactlyInAnyOrder("generation", "cursor", "stale_after_ms");
    }

    @Test
    void watching_makes_no_circuit() {
        SyncCaller.of(server, "agent@nothing").watch("ghost");

        assertThat(json(server.get("/api/v1/circuits", "viewer@nothing")).fieldNames())
                .isEmpty();
        assertThat(json(server.get("/api/v1/agents", "viewer@nothing")).getJsonArray("agents"))
                .isEmpty();
    }

    @Test
    void a_poll_is_answered_at_once_when_a_watched_circuit_moves() throws Exception {
        SyncCaller client = SyncCaller.of(server, "agent@poll");
        client.watch("planner");
        CompletableFuture<HttpResponse<String>> poll = client.poll(LONG);
        stillWaits(poll);

        act("poll", "another", "open");
        stillWaits(poll);
        act("poll", "planner", "hold_open");

        JsonObject planner = circuit(client.effect(ok(poll.get(20, TimeUnit.SECONDS))), "planner");
        assertThat(planner.getString("state")).isEqualTo("open");
        assertThat(planner.getBoolean("held")).isTrue();
        assertThat(planner.getString("admits")).isEqualTo("none");
        assertThat(planner.getValue("retry_after_ms")).as("held without an end").isNull();

        act("poll", "planner", "release");
        JsonObject released = circuit(ok(client.poll(LONG).get(20, TimeUnit.SECONDS)), "planner");
        assertThat(released.getString("admits"))
                .as("open, and no cooldown is left")
                .isEqualTo("trial");
        assertThat(released.getLong("epoch")).isGreaterThan(planner.getLong("epoch"));
    }

    @Test
    void a_poll_without_news_is_answered_when_its_time_is_over() throws Exception {
        SyncCaller client = SyncCaller.of(server, "agent@quiet");
        String cursor = client.watch("planner").getString("cursor");

        JsonObject answer = ok(client.poll(300).get(20, TimeUnit.SECONDS));

        assertThat(answer.getString("cursor")).isEqualTo(cursor);
        assertThat(answer.fieldNames()).containsExactlyInAnyOrder("generation", "cursor", "stale_after_ms");
    }

    @Test
    void a_newer_poll_ends_the_one_before_and_a_report_ends_none() throws Exception {
        SyncCaller client = SyncCaller.of(server, "agent@polls");
        client.watch("planner");
        CompletableFuture<HttpResponse<String>> first = client.poll(LONG);
        stillWaits(first);
        CompletableFuture<HttpResponse<String>> second = client.poll(LONG);

        assertThat(ok(first.get(20, TimeUnit.SECONDS)).containsKey("circuits")).isFalse();
        assertThat(client.report(1, success("planner")).getInteger("counted")).isEqualTo(1);
        stillWaits(second);
        act("polls", "planner", "open");
        assertThat(circuit(ok(second.get(20, TimeUnit.SECONDS)), "planner").getString("state"))
                .isEqualTo("open");
    }

    @Test
    void outcomes_open_the_circuit_and_the_same_answer_says_so() {
        SyncCaller client = SyncCaller.of(server, "agent@open");
        long epoch = circuit(client.watch("planner"), "planner").getLong("epoch");
        JsonObject failed = failure("planner").put("epochs", new JsonObject().put("planner", epoch));

        JsonObject receipt = client.report(1, failed, failed, failed, failed);
        assertThat(receipt.getInteger("counted")).isEqualTo(4);
        client.report(2, failed);

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(circuit(
                                        ok(client.answer(new JsonObject().put("cursor", "0"))), "planner")
                                .getString("admits"))
                        .isEqualTo("none"));
        assertThat(client.report(3, failed).getInteger("late"))
                .as("of the epoch that is over")
                .isEqualTo(1);
    }

    @Test
    void a_report_whose_answer_was_lost_counts_once() {
        SyncCaller client = SyncCaller.of(server, "agent@lost");
        client.watch("planner");
        JsonObject report = new JsonObject()
                .put("batch", 1)
                .put("outcomes", new JsonArray(List.of(failure("planner"), failure("planner"))))
                .put("entries", new JsonArray(List.of(entry("planner"))));

        JsonObject lost = ok(client.answer(report)).getJsonObject("receipt");
        JsonObject repeated = ok(client.answer(report)).getJsonObject("receipt");

        assertThat(lost.getBoolean("repeated")).isFalse();
        assertThat(lost.getInteger("entries")).isEqualTo(1);
        assertThat(repeated).isEqualTo(lost.copy().put("repeated", true));
        assertThat(client.report(2, failure("planner")).getInteger("counted")).isEqualTo(1);
        JsonObject old = ok(client.answer(report)).getJsonObject("receipt");
        assertThat(old.getBoolean("repeated")).isTrue();
        assertThat(old.getInteger("counted")).isZero();
        assertThat(json(server.get("/api/v1/circuits/planner", "viewer@lost")).getInteger("failure_count"))
                .isEqualTo(3);
    }

    /** Who hears of moves hears later: asked often enough, one answer would have come before. */
    @Test
    void the_answer_to_the_report_that_opens_a_circuit_says_that_it_is_open() {
        for (int i = 0; i < 30; i++) {
            String agent = "opens-" + i;
            SyncCaller client = SyncCaller.of(server, "agent@opens");
            client.watch(agent);
            JsonArray failures = new JsonArray();
            for (int failure = 0; failure < 5; failure++) {
                failures.add(failure(agent));
            }

            JsonObject answer =
                    ok(client.answer(new JsonObject().put("batch", 1).put("outcomes", failures)));

            assertThat(circuit(answer, agent).getString("admits")).isEqualTo("none");
        }
    }

    @Test
    void an_entry_that_is_wrong_is_refused_alone_and_named_by_its_place() {
        SyncCaller client = SyncCaller.of(server, "agent@entries");
        client.watch("planner");
        JsonObject report = new JsonObject()
                .put("batch", 1)
                .put("outcomes", new JsonArray(List.of(success("planner"))))
                .put(
                        "entries",
                        new JsonArray(List.of(
                                entry("planner"),
                                entry("planner").put("action_type", "dance"),
                                entry("planner"),
                                entry("planner").put("colour", "red"))));

        JsonObject receipt = ok(client.answer(report)).getJsonObject("receipt");

        assertThat(receipt.getInteger("counted")).isEqualTo(1);
        assertThat(receipt.getInteger("entries")).isEqualTo(2);
        assertThat(receipt.getInteger("refused")).isEqualTo(2);
        assertThat(receipt.getJsonArray("errors").stream().map(JsonObject.class::cast))
                .allSatisfy(each -> assertThat(each.getString("in")).isEqualTo("entries"))
                .extracting(each -> each.getInteger("index"))
                .containsExactly(1, 3);
    }

    @Test
    void what_is_wrong_with_a_report_leaves_it_untaken_or_refuses_what_is_wrong_alone() {
        SyncCaller client = SyncCaller.of(server, "agent@wrong");
        client.watch("planner");
        JsonArray many = new JsonArray();
        for (int i = 0; i < 1_001; i++) {
            many.add(failure("planner"));
        }

        HttpResponse<String> tooMany =
                client.answer(new JsonObject().put("batch", 1).put("outcomes", many));
        assertThat(tooMany.statusCode()).isEqualTo(400);
        assertThat(json(tooMany).getString("detail")).contains("at most 1000");
        JsonObject receipt = client.report(
                1,
                failure("planner"),
                new JsonObject().put("agent_id", "planner").put("outcome", "fine"),
                failure("planner").put("epochs", new JsonObject().put("model:x", 1)),
                failure("planner").put("concerning", "model:x"),
                failure("planner").put("colour", "red"),
                success("planner").put("permit", "none").put("age_ms", 3));

        assertThat(receipt.getInteger("counted")).isEqualTo(1);
        assertThat(receipt.getInteger("refused")).isEqualTo(5);
        assertThat(receipt.getJsonArray("errors").stream()
                        .map(each -> ((JsonObject) each).getInteger("index") + " "
                                + ((JsonObject) each).getString("detail")))
                .satisfiesExactly(
                        one -> assertThat(one).startsWith("1 outcome = 'fine': must be"),
                        two -> assertThat(two).contains("2 epochs.'model:x'").contains("no circuit around this call"),
                        three -> assertThat(three).startsWith("3 concerning = 'model:x'"),
                        four -> assertThat(four)
                                .contains("4 'colour': is no field here")
                                .contains("depends_on"),
                        five -> assertThat(five).startsWith("5 age_ms: must be absent where there is a permit"));
        assertThat(json(server.get("/api/v1/circuits/planner", "viewer@wrong")).getInteger("failure_count"))
                .isEqualTo(1);
    }

    @Test
    void a_failure_is_attributed_as_that_of_a_permit() {
        SyncCaller client = SyncCaller.of(server, "agent@blame");
        client.watch("planner", "model:m");

        client.report(
                1,
                failure("planner").put("depends_on", new JsonArray(List.of("model:m"))),
                new JsonObject()
                        .put("agent_id", "planner")
                        .put("outcome", "failure")
                        .put("kind", "ERROR")
                        .put("depends_on", new JsonArray(List.of("model:m"))),
                failure("planner")
                        .put("depends_on", new JsonArray(List.of("model:m")))
                        .put("inner", new JsonObject().put("admitted", new JsonArray(List.of("model:m")))));

        assertThat(json(server.get("/api/v1/circuits/model:m", "viewer@blame")).getInteger("failure_count"))
                .as("the outer outcome is ignored where an inner call was admitted")
                .isEqualTo(1);
        assertThat(json(server.get("/api/v1/circuits/planner", "viewer@blame")).getInteger("failure_count"))
                .isEqualTo(1);
    }

    @Test
    void a_trial_is_a_permit_and_its_outcome_may_come_in_a_report() {
        SyncCaller client = SyncCaller.of(server, "agent@trial");
        client.watch("planner");
        act("trial", "planner", "hold_open");
        act("trial", "planner", "release");
        String permit = json(server.post("/api/v1/circuits/planner/permits", "agent@trial", "{}"))
                .getString("permit");

        JsonObject settling = new JsonObject().put("permit", permit).put("outcome", "failure");
        JsonObject receipt = client.report(1, settling);

        assertThat(receipt.getInteger("counted")).isEqualTo(1);
        assertThat(receipt.getInteger("settled")).isEqualTo(1);
        assertThat(client.report(2, settling).getJsonArray("errors").encode()).contains("has been settled before");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(json(server.get("/api/v1/circuits/planner", "viewer@trial"))
                                .getString("state"))
                        .isEqualTo("open"));
    }

    @Test
    void a_policy_change_reaches_who_watches_a_circuit_that_follows_it() throws Exception {
        SyncCaller client = SyncCaller.of(server, "agent@policy");
        client.watch("planner", "writer");
        CompletableFuture<HttpResponse<String>> poll = client.poll(LONG);
        stillWaits(poll);

        server.send("PUT", "/api/v1/policies/plan%2A", "admin@policy", "{\"failure_threshold\": 2}");

        JsonObject answer = client.effect(ok(poll.get(20, TimeUnit.SECONDS)));
        assertThat(answer.getJsonArray("circuits")).hasSize(1);
        assertThat(circuit(answer, "planner").getString("policy")).isEqualTo("plan*");
        assertThat(answer.getJsonObject("policies").getJsonObject("plan*").getInteger("failure_threshold"))
                .isEqualTo(2);
        server.send("DELETE", "/api/v1/policies/plan%2A", "admin@policy", null);
        JsonObject removed = client.say(new JsonObject());
        assertThat(circuit(removed, "planner").getString("policy")).isEqualTo("default");
        assertThat(removed.getJsonObject("policies").fieldNames()).containsExactly("default");
    }

    @Test
    void what_only_observes_admits_all_unless_a_person_opened_it() {
        server.send(
                "PUT", "/api/v1/policies/%2A", "admin@observe", "{\"mode\": \"observe\", \"failure_threshold\": 1}");
        SyncCaller client = SyncCaller.of(server, "agent@observe");
        client.watch("planner", "writer");
        client.report(1, failure("planner"));
        act("observe", "writer", "open");

        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            JsonObject all = ok(client.answer(new JsonObject().put("cursor", "0")));
            assertThat(circuit(all, "planner").getString("state")).isEqualTo("open");
            assertThat(circuit(all, "planner").getString("admits")).isEqualTo("all");
            assertThat(circuit(all, "writer").getString("admits")).isEqualTo("none");
        });
    }

    @Test
    void refusals_of_the_client_count_in_figures() {
        SyncCaller client = SyncCaller.of(server, "agent@refused");
        client.watch("planner", "model:m");
        client.report(1, success("planner").put("depends_on", new JsonArray(List.of("model:m"))));

        JsonObject receipt = client.say(new JsonObject()
                        .put("batch", 2)
                        .put(
                                "refusals",
                                new JsonArray()
                                        .add(refusal("planner", "model:m", 12))
                                        .add(refusal("planner", "model:unheard", 1))))
                .getJsonObject("receipt");

        assertThat(receipt.getInteger("refused")).isEqualTo(1);
        assertThat(receipt.getJsonArray("errors").encode()).contains("no call of this key has used it");
        assertThat(server.get("/api/v1/agents/model:m/series", "viewer@refused").body())
                .contains("12");
    }

    @Test
    void a_watch_that_changes_says_what_is_new_alone() {
        SyncCaller client = SyncCaller.of(server, "agent@change");
        client.watch("planner", "writer");

        JsonObject answer = client.watch("writer", "reader");

        assertThat(answer.getJsonArray("circuits")).hasSize(1);
        assertThat(circuit(answer, "reader").getString("admits")).isEqualTo("all");
        act("change", "planner", "open");
        assertThat(client.say(new JsonObject()).containsKey("circuits")).isFalse();
    }

    @Test
    void of_two_lists_that_are_under_way_the_newer_counts_whichever_comes_last() {
        SyncCaller client = SyncCaller.of(server, "agent@overtaken");
        client.say(list(1, "planner"));
        client.say(list(3, "planner", "writer", "reader"));
        act("overtaken", "reader", "open");

        JsonObject late = client.say(list(2, "planner", "writer"));

        assertThat(circuit(late, "reader").getString("admits")).isEqualTo("none");
        act("overtaken", "writer", "open");
        JsonObject again = client.say(list(3, "planner", "writer", "reader"));
        assertThat(circuit(again, "writer").getString("admits")).isEqualTo("none");
        client.say(list(4, "planner"));
        act("overtaken", "reader", "close");
        assertThat(client.say(new JsonObject()).containsKey("circuits")).isFalse();
    }

    private static JsonObject list(long number, String... names) {
        return new JsonObject()
                .put("watch", new JsonArray(List.of((Object[]) names)))
                .put("watch_number", number);
    }

    private static JsonObject refusal(String agent, String circuit, int count) {
        return new JsonObject().put("agent_id", agent).put("circuit", circuit).put("count", count);
    }

    private static JsonObject entry(String agent) {
        return new JsonObject()
                .put("agent_id", agent)
                .put("action_type", "decision")
                .put("status", "success")
                .put("timestamp", "2026-01-01T00:00:00Z");
    }

    private static void act(String organization, String agent, String action) {
        assertThat(server.post(
                                "/api/v1/circuits/" + agent + "/action",
                                "operator@" + organization,
                                "{\"action\": \"" + action + "\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    /** What other calls are answered meanwhile it is not. */
    private static void stillWaits(CompletableFuture<HttpResponse<String>> poll)
            throws ExecutionException, InterruptedException {
        try {
            HttpResponse<String> early = poll.get(300, TimeUnit.MILLISECONDS);
            throw new AssertionError("answered too early: " + early.body());
        } catch (TimeoutException waits) {
            assertThat(poll).isNotDone();
        }
    }
}
