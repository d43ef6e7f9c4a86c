package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /api/v1/changes}: who created, changed and removed keys and policies, and from what to what. */
class ChangesTest {
    private static final String CHANGES = "/api/v1/changes";
    private static final String PROBED = """
            {"probe": {"url": "http://127.0.0.1:1/ok", "headers": {"X-Team": "hush-hush"}, "body": "hush-hush",
              "method": "POST"}}""";

    private static RunningServer server;
    private static String key;
    private static String keyText;

    @BeforeAll
    static void start() {
        server = new RunningServer(Map.of("outbound-hosts", "127.0.0.1"));
        ok(server.send("PUT", "/api/v1/policies/model:%2A", "admin@acme", "{\"failure_threshold\": 4}"));
        JsonObject made = json(ok(server.post(
                "/api/v1/keys", "admin@acme", "{\"name\": \"eye\", \"role\": \"agent\", \"agents\": \"planner-*\"}")));
        key = made.getString("id");
        keyText = made.getString("key");
        ok(server.send(
                "PUT",
                "/api/v1/policies/model:%2A",
                "admin@acme",
                "{\"failure_threshold\": 7, \"cooldown\": \"30s\"}"));
        ok(server.send(
                "PUT",
                "/api/v1/policies/model:%2A",
                "admin@acme",
                "{\"failure_threshold\": 7, \"cooldown\": \"30s\"}"));
        ok(server.send("DELETE", "/api/v1/keys/" + key, "admin@acme", null));
        ok(server.send("DELETE", "/api/v1/policies/model:%2A", "admin@acme", null));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void each_change_of_a_key_or_a_policy_is_a_line_the_newest_first() {
        assertThat(changes(""))
                .extracting(each ->
                        each.getString("action") + " " + each.getString("subject") + " " + each.getString("name"))
                .containsExactly(
                        "removed policy model:*",
                        "removed key " + key,
                        "changed policy model:*",
                        "changed policy model:*",
                        "created key " + key,
                        "created policy model:*");
        assertThat(changes("")).extracting(each -> each.getString("actor")).containsOnly("admin (token of tests)");
        assertThat(changes(""))
                .extracting(each -> Instant.parse(each.getString("at")))
                .isSortedAccordingTo(Comparator.reverseOrder());
    }

    @Test
    void a_line_says_from_what_to_what() {
        List<JsonObject> lines = changes("");
        assertThat(lines.get(5).getValue("before")).isNull();
        assertThat(lines.get(5).getJsonObject("after").getInteger("failure_threshold"))
                .isEqualTo(4);
        assertThat(lines.get(3).getJsonObject("before"))
                .isEqualTo(new JsonObject().put("failure_threshold", 4).put("cooldown_ms", 60_000));
        assertThat(lines.get(3).getJsonObject("after").getInteger("cooldown_ms"))
                .isEqualTo(30_000);
        assertThat(lines.get(2).getJsonObject("before")).as("the same again").isEmpty();
        assertThat(lines.get(0).getJsonObject("before").getInteger("failure_threshold"))
                .isEqualTo(7);
        assertThat(lines.get(0).getValue("after")).isNull();
        JsonObject created = lines.get(4).getJsonObject("after");
        assertThat(created.getString("name")).isEqualTo("eye");
        assertThat(created.getString("role")).isEqualTo("agent");
        assertThat(created.getString("agents")).isEqualTo("planner-*");
        assertThat(lines.get(1).getJsonObject("before")).isEqualTo(created);
    }

    @ParameterizedTest
    @CsvSource({
        "subject=key, 2",
        "subject=policy, 4",
        "name=model:*, 4",
        "name=model:, 0",
        "actor=admin*, 6",
        "actor=admin, 0",
        "since=2001-01-01T00:00:00Z, 6",
        "until=2001-01-01T00:00:00Z, 0",
        "limit=2, 2"
    })
    void filters_narrow_them_down(String filter, int count) {
        assertThat(changes("?" + filter)).hasSize(count);
    }

    @Test
    void pages_keep_the_filters() {
        List<JsonObject> all = new ArrayList<>();
        String path = CHANGES + "?limit=3&subject=policy";
        int pages = 0;
        while (path != null) {
            HttpResponse<String> page = ok(server.get(path, "admin@acme"));
            json(page).getJsonArray("changes").forEach(each -> all.add((JsonObject) each));
            path = page.headers()
                    .firstValue("Link")
                    .map(link -> link.substring(1, link.indexOf('>')))
                    .orElse(null);
            pages++;
        }
        assertThat(pages).isEqualTo(2);
        assertThat(all).isEqualTo(changes("?subject=policy"));
    }

    @Test
    void another_organization_sees_none_of_them_and_only_admins_see_any() {
        assertThat(json(ok(server.get(CHANGES, "admin@others"))).getJsonArray("changes"))
                .isEmpty();
        assertThat(server.get(CHANGES, "operator@acme").statusCode()).isEqualTo(403);
        assertThat(server.get(CHANGES + "?subject=planner", "admin@acme").statusCode())
                .isEqualTo(400);
    }

    @Test
    void no_secret_is_in_a_line() {
        ok(server.send("PUT", "/api/v1/policies/model:%2A", "admin@hidden", PROBED));
        ok(server.send("PUT", "/api/v1/policies/model:%2A", "admin@hidden", PROBED.replace("hush", "hissed")));
        ok(server.send("DELETE", "/api/v1/policies/model:%2A", "admin@hidden", null));

        String probed = ok(server.get(CHANGES, "admin@hidden")).body();
        assertThat(probed).contains("http://127.0.0.1:1/ok").doesNotContain("hush", "hissed", "X-Team");
        assertThat(json(server.get(CHANGES, "admin@hidden")).getJsonArray("changes"))
                .hasSize(3);
        assertThat(ok(server.get(CHANGES, "admin@acme")).body()).doesNotContain(keyText, "hash");
    }

    private static HttpResponse<String> ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return answer;
    }

    private static List<JsonObject> changes(String query) {
        return json(ok(server.get(CHANGES + query, "admin@acme"))).getJsonArray("changes").stream()
                .map(JsonObject.class::cast)
                .toList();
    }
}
