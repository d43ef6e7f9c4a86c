package dev.interlock.server.permits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.jdbc.Postgres;
import dev.interlock.redis.Proxy;
import dev.interlock.redis.RedisServer;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A copy of a permit that is sent to two servers of one Redis counts once. */
@Tag("heavy")
@Tag("thorough")
class PermitsOfTwoServersTest {
    private static RedisServer redis;
    private static Proxy proxy;
    private static RunningServer a;
    private static RunningServer b;

    /** An agent of its own for each test: figures are compared. */
    private String agent = "";

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        proxy = new Proxy(redis.port());
        String database = Postgres.migrated().url();
        Map<String, String> flags = Map.of(
                "database-url",
                database,
                "redis-slow-after",
                "1s",
                "requests-per-second",
                "100000",
                "request-burst",
                "100000");
        a = new RunningServer(with(flags, proxy.url()));
        b = new RunningServer(with(flags, redis.url()));
    }

    @AfterAll
    static void stop() {
        a.close();
        b.close();
        proxy.close();
        redis.close();
    }

    @BeforeEach
    void name() {
        agent = "agent-" + System.nanoTime();
        eventually(() -> assertThat(a.get("/readyz", null).body()).doesNotContain("redis"));
    }

    @Test
    void one_that_is_settled_at_one_is_refused_at_the_other() {
        String permit = permits(a, 1).get(0);
        assertThat(settle(b, permit).statusCode()).isEqualTo(200);
        assertThat(settle(a, permit).statusCode()).isEqualTo(409);
        assertThat(settle(b, permit).body()).contains("has been settled before");
    }

    @Test
    void of_copies_that_come_to_both_at_once_one_counts() throws Exception {
        List<String> permits = permits(a, 100);
        ExecutorService callers = Executors.newFixedThreadPool(16);
        try {
            List<CompletableFuture<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                String permit = permits.get(i % 100);
                RunningServer server = i / 100 % 2 == 0 ? a : b;
                answers.add(CompletableFuture.supplyAsync(
                        () -> settle(server, permit).statusCode(), callers));
            }
            List<Integer> codes = answers.stream().map(CompletableFuture::join).toList();
            assertThat(Collections.frequency(codes, 200)).isEqualTo(100);
            assertThat(Collections.frequency(codes, 409)).isEqualTo(300);
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void batches_to_both_at_once_count_each_permit_once_and_say_which_were_repeated() {
        List<String> permits = new ArrayList<>(permits(a, 1_500));
        permits.addAll(permits(b, 1_500));
        List<CompletableFuture<JsonObject>> answers = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < 6; i++) {
            List<String> shuffled = new ArrayList<>(permits);
            Collections.shuffle(shuffled, random);
            RunningServer server = i % 2 == 0 ? a : b;
            boolean lines = i % 3 == 0;
            answers.add(CompletableFuture.supplyAsync(() -> batch(server, shuffled, lines)));
        }
        int counted = 0;
        int repeated = 0;
        for (CompletableFuture<JsonObject> each : answers) {
            JsonObject answer = each.join();
            counted += answer.getInteger("counted");
            repeated += answer.getInteger("repeated");
            assertThat(answer.getInteger("counted") + answer.getInteger("refused"))
                    .isEqualTo(3_000);
        }
        assertThat(counted).isEqualTo(3_000);
        assertThat(repeated).isEqualTo(15_000);
    }

    @Test
    void a_batch_answers_in_its_order_whatever_its_entries_are() {
        List<String> permits = permits(a, 300);
        batch(b, permits.subList(0, 300), true);
        JsonArray mixed = new JsonArray();
        List<Integer> wrong = new ArrayList<>();
        List<String> fresh = permits(b, 300);
        for (int i = 0; i < 900; i++) {
            switch (i % 3) {
                case 0 -> mixed.add(outcome(fresh.get(i / 3)));
                case 1 -> {
                    wrong.add(i);
                    mixed.add(i % 2 == 0 ? outcome(permits.get(i / 3)) : new JsonObject().put("outcome", "nonsense"));
                }
                default -> mixed.add(new JsonObject().put("agent_id", agent).put("outcome", "success"));
            }
        }
        JsonObject answer = RunningServer.json(a.post("/api/v1/outcomes", "agent@acme", mixed.encode()));
        assertThat(answer.getInteger("counted")).isEqualTo(600);
        assertThat(answer.getInteger("repeated")).isEqualTo(150);
        List<Integer> heard = answer.getJsonArray("errors").stream()
                .map(each -> ((JsonObject) each).getInteger("index"))
                .toList();
        assertThat(heard).isEqualTo(wrong.subList(0, 100));
    }

    @Test
    void without_redis_each_goes_by_its_own_memory_and_afterwards_together_again() {
        List<String> permits = permits(a, 4);
        double alone = alone(a);
        proxy.mode(Proxy.Mode.CUT);
        assertThat(settle(a, permits.get(0)).statusCode()).isEqualTo(200);
        eventually(() -> assertThat(a.get("/readyz", null).body()).contains("redis"));
        assertThat(settle(a, permits.get(1)).statusCode()).isEqualTo(200);
        assertThat(settle(a, permits.get(1)).statusCode()).isEqualTo(409);
        assertThat(batch(a, permits.subList(0, 3), false).getInteger("counted")).isEqualTo(1);
        assertThat(alone(a)).isEqualTo(alone + 3);

        proxy.mode(Proxy.Mode.PASS);
        eventually(() -> assertThat(a.get("/readyz", null).body()).doesNotContain("redis"));
        assertThat(settle(a, permits.get(3)).statusCode()).isEqualTo(200);
        assertThat(settle(b, permits.get(3)).statusCode()).isEqualTo(409);
        assertThat(settle(a, permits.get(0)).statusCode()).isEqualTo(409);
    }

    @Test
    void an_outcome_whose_answer_from_redis_is_lost_counts_and_its_retry_is_refused_since_it_counted() {
        List<String> permits = permits(a, 50);
        proxy.mode(Proxy.Mode.SILENT);
        List<CompletableFuture<HttpResponse<String>>> answers = permits.stream()
                .map(permit -> CompletableFuture.supplyAsync(() -> settle(a, permit)))
                .toList();
        answers.forEach(each -> assertThat(each.join().statusCode()).isEqualTo(200));
        proxy.mode(Proxy.Mode.PASS);
        eventually(() -> assertThat(a.get("/readyz", null).body()).doesNotContain("redis"));
        permits.forEach(permit -> assertThat(settle(a, permit).statusCode()).isEqualTo(409));
    }

    @Test
    void while_redis_comes_and_goes_every_outcome_is_answered_and_counts_at_most_once_a_server() {
        Random random = new Random(11);
        List<String> permits = permits(a, 1_000);
        int[] counted = new int[permits.size()];
        for (int round = 0; round < 20; round++) {
            proxy.mode(random.nextInt(3) == 0 ? Proxy.Mode.CUT : Proxy.Mode.PASS);
            List<Integer> some = random.ints(100, 0, permits.size()).boxed().toList();
            RunningServer server = random.nextBoolean() ? a : b;
            JsonObject answer = batch(server, some.stream().map(permits::get).toList(), random.nextBoolean());
            List<Integer> refused = answer.getJsonArray("errors").stream()
                    .map(each -> ((JsonObject) each).getInteger("index"))
                    .toList();
            assertThat(answer.getInteger("counted") + answer.getInteger("repeated"))
                    .isEqualTo(100);
            IntStream.range(0, some.size()).filter(i -> !refused.contains(i)).forEach(i -> counted[some.get(i)]++);
        }
        proxy.mode(Proxy.Mode.PASS);
        assertThat(Arrays.stream(counted).boxed()).allMatch(each -> each <= 2).contains(1);
    }

    @Test
    void an_outer_outcome_is_ignored_at_whichever_server_it_arrives() {
        for (RunningServer giving : List.of(a, b)) {
            for (RunningServer settling : List.of(a, b)) {
                String outer = permits(giving, 1).get(0);
                String middle = within(outer, a);
                String inner = within(middle, b);
                assertThat(status(settle(settling, inner))).isEqualTo("counted");
                assertThat(status(settle(a, middle))).isEqualTo("ignored");
                assertThat(status(settle(settling, outer))).isEqualTo("ignored");
            }
        }
    }

    @Test
    void an_inner_call_at_another_server_takes_the_place_over_of_its_outer_trial_one_at_a_time() {
        String model = openWithOnePlace();
        String outer = eventuallyTake(a, model, null);
        String inner = eventuallyTake(b, model, outer);

        for (RunningServer each : List.of(a, b)) {
            assertThat(dependingOn(each, model, outer).statusCode())
                    .as("another one within it")
                    .isEqualTo(503);
            assertThat(dependingOn(each, model, null).statusCode())
                    .as("a stranger")
                    .isEqualTo(503);
        }
        assertThat(status(settle(a, inner))).isEqualTo("counted");
        closes(model);
        assertThat(status(settle(b, outer))).isEqualTo("ignored");
    }

    @Test
    void an_outer_call_that_ends_first_frees_no_place_that_an_inner_one_has() {
        String model = openWithOnePlace();
        String outer = eventuallyTake(a, model, null);
        String inner = eventuallyTake(b, model, outer);
        settle(b, outer);
        assertThat(dependingOn(a, model, null).statusCode()).isEqualTo(503);
        assertThat(dependingOn(b, model, null).statusCode()).isEqualTo(503);
        assertThat(state(b, model)).as("nobody has called it").isEqualTo("half_open");
        assertThat(status(settle(a, inner))).isEqualTo("counted");
        closes(model);
    }

    @Test
    void a_place_goes_back_to_the_outer_trial_if_another_circuit_of_the_inner_call_refuses() {
        String model = openWithOnePlace();
        String held = "tool:" + agent;
        a.post("/api/v1/circuits/" + held + "/action", "operator@acme", "{\"action\":\"hold_open\"}");
        eventually(() -> assertThat(state(b, held)).isEqualTo("open"));
        String outer = eventuallyTake(a, model, null);
        JsonObject both = new JsonObject()
                .put("depends_on", new JsonArray().add(model).add(held))
                .put("parent", outer);
        HttpResponse<String> refused = b.post("/api/v1/circuits/" + agent + "/permits", "agent@acme", both.encode());
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains(held);

        assertThat(dependingOn(a, model, null).statusCode()).as("a stranger").isEqualTo(503);
        String inner = eventuallyTake(b, model, outer);
        assertThat(status(settle(b, inner))).isEqualTo("counted");
        closes(model);
    }

    private String openWithOnePlace() {
        String model = "model:" + agent;
        String policy = "{\"half_open_max_requests\":1,\"success_threshold\":1,\"cooldown\":\"50ms\"}";
        assertThat(a.send("PUT", "/api/v1/policies/model:*", "admin@acme", policy)
                        .statusCode())
                .isEqualTo(200);
        eventually(
                () -> assertThat(b.get("/api/v1/policies", "admin@acme").body()).contains("\"model:*\""));
        a.post("/api/v1/circuits/" + model + "/action", "operator@acme", "{\"action\":\"open\"}");
        for (RunningServer each : List.of(a, b)) {
            eventually(() -> assertThat(state(each, model)).isNotEqualTo("closed"));
        }
        return model;
    }

    private String eventuallyTake(RunningServer server, String model, @Nullable String parent) {
        String[] given = new String[1];
        eventually(() -> given[0] = permit(dependingOn(server, model, parent)));
        return given[0];
    }

    private static void closes(String model) {
        for (RunningServer each : List.of(a, b)) {
            eventually(() -> assertThat(state(each, model)).isEqualTo("closed"));
        }
    }

    @Test
    void a_failure_of_its_own_counts_unless_an_inner_call_failed_at_another_server() {
        String outer = permits(a, 1).get(0);
        assertThat(status(settle(b, within(outer, b)))).isEqualTo("counted");
        assertThat(status(fail(a, outer))).isEqualTo("counted");

        String another = permits(a, 1).get(0);
        assertThat(status(fail(b, within(another, b)))).isEqualTo("counted");
        assertThat(status(fail(a, another))).isEqualTo("ignored");

        String third = permits(a, 1).get(0);
        String inner = within(third, b);
        JsonObject failed = outcome(inner).put("outcome", "failure");
        assertThat(RunningServer.json(b.post(
                                "/api/v1/outcomes",
                                "agent@acme",
                                new JsonArray().add(failed).encode()))
                        .getInteger("counted"))
                .isEqualTo(1);
        assertThat(status(fail(a, third))).as("after a batch").isEqualTo("ignored");
    }

    @Test
    void a_permit_that_is_settled_at_another_server_is_no_parent() {
        String outer = permits(a, 1).get(0);
        settle(a, outer);
        HttpResponse<String> refused = takeWithin(outer, b);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(RunningServer.json(refused).getString("type")).isEqualTo("permit-no-parent");
        assertThat(refused.body()).contains("it is settled");
    }

    @Test
    void without_redis_notes_are_those_of_each_server() {
        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> assertThat(a.get("/readyz", null).body()).contains("redis"));
        String outer = permits(a, 1).get(0);
        assertThat(status(settle(a, within(outer, a)))).isEqualTo("counted");
        assertThat(status(settle(a, outer))).isEqualTo("ignored");
        String another = permits(a, 1).get(0);
        assertThat(status(settle(b, within(another, b)))).isEqualTo("counted");
        assertThat(status(settle(a, another))).as("nobody could say so").isEqualTo("counted");
        proxy.mode(Proxy.Mode.PASS);
    }

    private HttpResponse<String> dependingOn(RunningServer server, String model, @Nullable String parent) {
        JsonObject body = new JsonObject().put("depends_on", new JsonArray().add(model));
        if (parent != null) {
            body.put("parent", parent);
        }
        return server.post("/api/v1/circuits/" + agent + "/permits", "agent@acme", body.encode());
    }

    private static String permit(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return RunningServer.json(answer).getString("permit");
    }

    private static String state(RunningServer server, String name) {
        return RunningServer.json(server.get("/api/v1/circuits/" + name, "viewer@acme"))
                .getString("state");
    }

    private String within(String parent, RunningServer server) {
        HttpResponse<String> answer = takeWithin(parent, server);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return RunningServer.json(answer).getString("permit");
    }

    private HttpResponse<String> takeWithin(String parent, RunningServer server) {
        return server.post(
                "/api/v1/circuits/" + agent + "/permits",
                "agent@acme",
                new JsonObject().put("parent", parent).encode());
    }

    private HttpResponse<String> fail(RunningServer server, String permit) {
        return server.post(
                "/api/v1/circuits/" + agent + "/outcomes",
                "agent@acme",
                outcome(permit).put("outcome", "failure").encode());
    }

    private static String status(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return RunningServer.json(answer).getString("status");
    }

    private List<String> permits(RunningServer server, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> RunningServer.json(
                                server.post("/api/v1/circuits/" + agent + "/permits", "agent@acme", "{}"))
                        .getString("permit"))
                .toList();
    }

    private HttpResponse<String> settle(RunningServer server, String permit) {
        return server.post(
                "/api/v1/circuits/" + agent + "/outcomes",
                "agent@acme",
                outcome(permit).encode());
    }

    private static JsonObject batch(RunningServer server, List<String> permits, boolean lines) {
        StringBuilder body = new StringBuilder(lines ? "" : "[");
        for (String permit : permits) {
            body.append(body.length() > 1 ? lines ? "\n" : "," : "")
                    .append(outcome(permit).encode());
        }
        body.append(lines ? "\n" : "]");
        HttpResponse<String> answer = server.send(server.request("/api/v1/outcomes", "agent@acme")
                .header("Content-Type", lines ? "application/x-ndjson" : "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return RunningServer.json(answer);
    }

    private static JsonObject outcome(String permit) {
        return new JsonObject().put("permit", permit).put("outcome", "success");
    }

    private static double alone(RunningServer server) {
        return server.get("/metrics", "viewer@default")
                .body()
                .lines()
                .filter(line -> line.startsWith("interlock_permits_settled_alone_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static Map<String, String> with(Map<String, String> flags, String redisUrl) {
        Map<String, String> all = new java.util.HashMap<>(flags);
        all.put("redis-url", redisUrl);
        return all;
    }

    private static void eventually(ThrowingRunnable what) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(what);
    }
}
