package dev.interlock.server.alerts;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import dev.interlock.server.outbound.Provider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /api/v1/webhooks} of a real server, and messages that really come. */
class WebhooksApiTest {
    private static final String WEBHOOKS = "/api/v1/webhooks";
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Provider RECEIVER = new Provider();
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer(Map.of(
                "outbound-hosts", "127.0.0.1,hooks.example.com", "public-url", "https://interlock.example.com/"));
    }

    @AfterAll
    static void stop() {
        server.close();
        RECEIVER.close();
    }

    @Test
    void a_webhook_hears_of_what_happens_after_it_was_added() {
        override("acme", "before", "open");
        JsonObject hook = add("acme", new JsonObject().put("on", new JsonArray().add("transitions")));
        override("acme", "planner", "open");
        await().atMost(LONG).until(() -> RECEIVER.requests.stream().anyMatch(each -> each.contains("planner")));
        String message = RECEIVER.requests.stream()
                .filter(each -> each.contains("planner"))
                .findFirst()
                .orElseThrow();
        JsonObject body = new JsonObject(message.substring(message.indexOf("\r\n\r\n") + 4));
        assertThat(body.getString("type")).isEqualTo("circuit.opened");
        assertThat(body.getJsonObject("data").getString("url"))
                .isEqualTo("https://interlock.example.com/#/agents/planner");
        assertThat(body.getJsonObject("data").getJsonObject("circuit").getString("actor"))
                .isEqualTo("operator (token of tests)");
        assertThat(RECEIVER.requests).noneMatch(each -> each.contains("before"));
        await().atMost(LONG).until(() -> get("acme", hook).getString("last_delivered_at") != null);
        assertThat(server.get("/metrics", "viewer@acme").body())
                .contains("interlock_webhook_messages_delivered_total 1.0")
                .contains("interlock_webhooks_dead 0.0");
    }

    @Test
    void budgets_loops_health_and_stops_are_heard_by_who_asks_for_them() {
        add(
                "news",
                new JsonObject()
                        .put("name", "all of it")
                        .put(
                                "on",
                                new JsonArray()
                                        .add("budgets")
                                        .add("loops")
                                        .add("health")
                                        .add("stops")));
        JsonObject listed = json(server.get(WEBHOOKS, "admin@news"))
                .getJsonArray("webhooks")
                .getJsonObject(0);
        assertThat(listed.getJsonArray("on")).containsExactly("budgets", "health", "loops", "stops");
        ok(server.send(
                "PUT",
                "/api/v1/budgets/one-call",
                "admin@news",
                "{\"pattern\":\"spender\",\"per\":\"day\",\"calls\":1}"));
        ok(server.post("/api/v1/circuits/spender/outcomes", "agent@news", "{\"outcome\":\"success\"}"));
        for (int i = 0; i < 15; i++) {
            ok(server.post("/api/v1/circuits/sick/outcomes", "agent@news", "{\"outcome\":\"failure\"}"));
        }
        for (int i = 0; i < 3; i++) {
            ok(server.post("/api/v1/logs/batch", "agent@news", """
                {"entries": [{"entry_id": "e-%d", "agent_id": "searcher", "execution_id": "run-1", "action_type": "tool_call",
                "action_name": "search", "status": "success", "input_summary": "x", "output_summary": "nothing",
                "timestamp": "%s"}]}\
                """.formatted(i, java.time.Instant.now())));
        }
        ok(server.post("/api/v1/actions", "operator@news", "{\"action\":\"stop\",\"covers\":\"organization\"}"));
        ok(server.post("/api/v1/actions", "operator@news", "{\"action\":\"resume\",\"covers\":\"organization\"}"));
        for (String type :
                new String[] {"budget.used_up", "health.critical", "loop.found", "stop.began", "stop.ended"}) {
            await().atMost(LONG)
                    .until(() -> RECEIVER.requests.stream()
                            .anyMatch(each -> each.contains("\"type\":\"" + type + "\"")
                                    && each.contains("\"organization_id\":\"news\"")));
        }
        assertThat(RECEIVER.requests.stream()
                        .filter(each -> each.contains("\"type\":\"loop.found\""))
                        .findFirst()
                        .orElseThrow())
                .contains("searcher is in a loop", "\"execution\":\"run-1\"");
    }

    @Test
    void a_secret_is_shown_once_and_the_path_of_an_address_never() {
        JsonObject made = add("secrets", new JsonObject());
        String secret = made.getString("secret");
        assertThat(secret).startsWith("whsec_");
        assertThat(made.getString("url")).isEqualTo("http://127.0.0.1:" + RECEIVER.port() + "/…");
        String list = server.get(WEBHOOKS, "admin@secrets").body();
        String changes =
                server.get("/api/v1/changes?subject=webhook", "admin@secrets").body();
        for (String shown : new String[] {list, get("secrets", made).encode(), changes}) {
            assertThat(shown).contains("On call").doesNotContain(secret, "whsec_", "a-secret-path");
        }
        JsonObject own =
                add("secrets", new JsonObject().put("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"));
        assertThat(own.getString("secret")).isEqualTo("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr");
    }

    @Test
    void a_change_keeps_address_and_secret_and_a_test_shows_that_it_arrives() {
        JsonObject made = add("tested", new JsonObject());
        JsonObject changed = json(ok(server.send(
                "PUT",
                path(made),
                "admin@tested",
                new JsonObject()
                        .put("name", "New name")
                        .put("pattern", "model:*")
                        .put("enabled", false)
                        .encode())));
        assertThat(changed.getString("name")).isEqualTo("New name");
        assertThat(changed.getString("state")).isEqualTo("disabled");
        assertThat(changed.getJsonArray("on")).containsExactly("incidents");
        JsonObject tested = json(ok(server.post(path(made) + "/test", "admin@tested", null)));
        assertThat(tested.getBoolean("delivered")).isTrue();
        assertThat(tested.getString("detail")).isEqualTo("the receiver answered 200");
        String message = RECEIVER.requests.stream()
                .filter(each -> each.contains("New name"))
                .findFirst()
                .orElseThrow();
        assertThat(message).startsWith("POST /a-secret-path HTTP/1.1");
        String id = header(message, "webhook-id");
        long time = Long.parseLong(header(message, "webhook-timestamp"));
        assertThat(header(message, "webhook-signature"))
                .isEqualTo(Signature.of(
                        made.getString("secret"), id, time, message.substring(message.indexOf("\r\n\r\n") + 4)));
        assertThat(server.send("DELETE", path(made), "admin@tested", null).statusCode())
                .isEqualTo(204);
        assertThat(server.get(path(made), "admin@tested").statusCode()).isEqualTo(404);
        assertThat(server.send("DELETE", path(made), "admin@tested", null).statusCode())
                .isEqualTo(404);
    }

    @Test
    void pagerduty_gets_its_key_in_the_body_and_no_answer_has_it() {
        JsonObject made = add(
                "pages", new JsonObject().put("format", "pagerduty").put("secret", "R0123456789ABCDEFGHIJ0123456789A"));
        assertThat(made.getString("secret")).isNull();
        ok(server.post(path(made) + "/test", "admin@pages", null));
        String message = RECEIVER.requests.stream()
                .filter(each -> each.contains("routing_key"))
                .findFirst()
                .orElseThrow();
        assertThat(message)
                .contains("\"routing_key\":\"R0123456789ABCDEFGHIJ0123456789A\"")
                .doesNotContain("webhook-signature");
    }

    @Test
    void what_cannot_be_is_refused_with_all_that_is_wrong_and_no_secret() {
        JsonObject wrong = new JsonObject()
                .put("name", "x\u202e")
                .put("url", "https://user:hunter2@hooks.example.com/")
                .put("secret", "a-secret-that-is-none")
                .put("on", new JsonArray().add("opened"));
        HttpResponse<String> refused = server.post(WEBHOOKS, "admin@wrong", wrong.encode());
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused).getString("detail"))
                .contains("name: must have", "url: must be", "secret: must be whsec_")
                .doesNotContain("hunter2", "a-secret-that");
        refused("wrong", "https://elsewhere.example.com/", "json", "elsewhere.example.com is not on outbound-hosts");
        refused("wrong", "http://10.0.0.1/", "json", "10.0.0.1 is not on outbound-hosts");
        refused("wrong", "http://hooks.example.com/", "slack", "must be https for the format slack");
        refused("wrong", "https://hooks.example.com/", "pagerduty", "integration key");
        assertThat(server.post(WEBHOOKS, "admin@wrong", "{\"name\": \"x\", \"on\": [\"all\"]}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(json(server.post(WEBHOOKS, "admin@wrong", "{\"name\": \"x\"}"))
                        .getString("detail"))
                .contains("url: is missing");
    }

    @Test
    void an_organization_has_twenty_and_sees_none_of_another() {
        JsonObject first = add("many", new JsonObject());
        for (int i = 1; i < WebhookEndpoints.MOST; i++) {
            add("many", new JsonObject().put("name", "hook " + i));
        }
        HttpResponse<String> beyond = post("many", new JsonObject());
        assertThat(beyond.statusCode()).isEqualTo(409);
        assertThat(json(beyond).getString("detail")).contains("20 webhooks");
        assertThat(json(server.get(WEBHOOKS, "admin@others")).getJsonArray("webhooks"))
                .isEmpty();
        assertThat(server.get(path(first), "admin@others").statusCode()).isEqualTo(404);
        assertThat(server.post(path(first) + "/test", "admin@others", null).statusCode())
                .isEqualTo(404);
        assertThat(server.get(WEBHOOKS, "operator@many").statusCode()).isEqualTo(403);
    }

    private static void refused(String organization, String url, String format, String why) {
        HttpResponse<String> answer =
                post(organization, new JsonObject().put("url", url).put("format", format));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).getString("detail")).contains(why);
    }

    private static JsonObject add(String organization, JsonObject settings) {
        return json(ok(post(organization, settings)));
    }

    private static HttpResponse<String> post(String organization, JsonObject settings) {
        JsonObject body = new JsonObject().put("name", "On call").put("url", RECEIVER.url("/a-secret-path"));
        return server.post(
                WEBHOOKS, "admin@" + organization, body.mergeIn(settings).encode());
    }

    private static JsonObject get(String organization, JsonObject hook) {
        return json(ok(server.get(path(hook), "admin@" + organization)));
    }

    private static String path(JsonObject hook) {
        return WEBHOOKS + "/" + hook.getString("id");
    }

    private static void override(String organization, String name, String action) {
        ok(server.post(
                "/api/v1/circuits/" + name + "/action",
                "operator@" + organization,
                new JsonObject().put("action", action).encode()));
    }

    private static String header(String request, String name) {
        return request.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ": "))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 2);
    }

    private static HttpResponse<String> ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
        return answer;
    }
}
