package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CircuitsTest {
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
    void an_agent_never_heard_of_has_a_closed_circuit_and_asking_makes_none() {
        HttpResponse<String> answer = server.get("/api/v1/circuits/unheard-of", "viewer@first");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).getString("state")).isEqualTo("closed");
        assertThat(server.get("/api/v1/circuits/", "viewer@first").body()).isEqualTo("{}");
    }

    @ParameterizedTest
    @CsvSource({
        "open, opened, open",
        "close, closed, closed",
        "reset, reset, closed",
        "hold_open, held_open, open",
        "hold_closed, held_closed, closed",
        "release, released, closed"
    })
    void an_override_is_carried_out_and_acknowledged(String action, String status, String state) {
        String path = "/api/v1/circuits/ordered-" + action;
        server.post(path + "/outcomes", "agent@acme", "{\"outcome\":\"success\"}");
        HttpResponse<String> answer = order(path, "{\"action\":\"" + action + "\",\"reason\":\"a test\"}");
        assertThat(answer.statusCode()).isEqualTo(200);
        JsonObject done = new JsonObject().put("status", status).put("agent_id", "ordered-" + action);
        assertThat(json(answer))
                .isEqualTo(status.matches("closed|released") ? done.put("repeated", true) : done); // it was closed
        assertThat(json(server.get(path, "viewer@acme")).getString("state")).isEqualTo(state);
    }

    @Test
    void shows_who_holds_why_and_until_when() {
        Instant until = Instant.now().plusSeconds(3_600).truncatedTo(ChronoUnit.SECONDS);
        order(
                "/api/v1/circuits/held",
                "{\"action\":\"hold_open\",\"reason\":\"maintenance\",\"until\":\"" + until + "\"}");
        JsonObject circuit = json(server.get("/api/v1/circuits/held", "viewer@acme"));
        assertThat(circuit.getJsonObject("hold").getString("until")).isEqualTo(until.toString());
        assertThat(circuit.getJsonObject("hold").getString("reason")).isEqualTo("maintenance");
        assertThat(circuit.getString("actor")).contains("operator");
        assertThat(circuit.getString("cause")).isEqualTo("override");
        assertThat(circuit.getValue("cooldown_until")).isNull();
    }

    @Test
    void an_open_circuit_says_when_it_will_be_tried_again() {
        order("/api/v1/circuits/cooling", "{\"action\":\"open\"}");
        JsonObject circuit = json(server.get("/api/v1/circuits/cooling", "viewer@acme"));
        Instant opened = Instant.parse(circuit.getString("opened_at"));
        assertThat(Instant.parse(circuit.getString("cooldown_until")))
                .isBetween(opened.plusSeconds(59), opened.plusSeconds(61));
        assertThat(circuit.getLong("retry_after_ms")).isBetween(1L, 60_000L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"explode\"}",
                "{\"action\":\"\"}",
                "{\"action\":\"OPEN\"}",
                "{\"action\":\"probe_now\"}"
            })
    void an_unknown_action_is_reported_as_such(String body) {
        HttpResponse<String> answer = order("/api/v1/circuits/never-moved", body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).getString("detail"))
                .startsWith("Unknown action: " + new JsonObject(body).getString("action"))
                .contains("open, close, reset, hold_open, hold_closed, release");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|action is missing",
                "{\"action\":1}|action must be a string, but is 1",
                "{\"action\":\"open\",\"resaon\":\"x\"}|There is no member 'resaon'; did you mean 'reason'?",
                "{\"action\":\"open\",\"until\":\"2099-01-01T00:00:00Z\"}|until belongs to hold_open or hold_closed",
                "{\"action\":\"hold_open\",\"until\":\"tomorrow\"}|until must be a time as RFC 3339 writes it",
                "{\"action\":\"hold_open\",\"until\":\"2001-01-01T00:00:00Z\"}|until must be in the future",
                "{\"action\":\"open\",\"reason\":\"\\u0000\"}|A reason must not hold control characters",
                "{\"action\":\"open\",\"reason\":\"\\ud800\"}|The body has the escape \\ud800 without its other half",
                "[]|The body must be an object",
                "nothing|The body is no JSON",
                "''|The body is missing"
            })
    void says_what_is_wrong_with_an_override(String body, String detail) {
        HttpResponse<String> answer = order("/api/v1/circuits/never-moved", body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).getString("detail")).startsWith(detail);
        assertThat(json(server.get("/api/v1/circuits/never-moved", "viewer@acme"))
                        .getValue("since"))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "a%2Fb, a/b",
        "a+b, a+b",
        "a%20b, a b",
        "1.5, 1.5",
        "null, null",
        "%E2%82%AC, €",
        "%22quoted%22, \"quoted\"",
        "%2e%2e, ..",
        "model%3Akimi-k2, model:kimi-k2",
        "a%2Fb/, a/b",
        "100%25, 100%"
    })
    void a_name_in_the_path_is_taken_to_the_letter(String segment, String name) {
        HttpResponse<String> answer = server.get("/api/v1/circuits/" + segment, "viewer@acme");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).getString("agent_id")).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%80", "%00", "%0A", "%20", "a%C0%AFb"})
    void a_name_that_cannot_be_is_refused(String segment) {
        assertThat(server.get("/api/v1/circuits/" + segment, "viewer@acme").statusCode())
                .isEqualTo(400);
    }

    @Test
    void lists_by_state_and_prefix_and_only_the_own_organization() {
        String viewer = "viewer@lists";
        for (String name : List.of("model:a", "model:b", "tool:c")) {
            server.post("/api/v1/circuits/" + name + "/action", "operator@lists", "{\"action\":\"open\"}");
        }
        server.post("/api/v1/circuits/model:b/action", "operator@lists", "{\"action\":\"close\"}");
        assertThat(names("?state=open", viewer)).containsExactlyInAnyOrder("model:a", "tool:c");
        assertThat(names("?state=closed", viewer)).containsExactly("model:b");
        assertThat(names("?prefix=model:", viewer)).containsExactlyInAnyOrder("model:a", "model:b");
        assertThat(names("", viewer)).hasSize(3);
        assertThat(names("", "viewer@others")).isEmpty();
        assertThat(json(server.get("/api/v1/circuits/tool:c", "viewer@others")).getString("state"))
                .isEqualTo("closed");
    }

    @Test
    void lists_what_somebody_holds_open_or_closed() {
        String viewer = "viewer@holds";
        String[] actions = {"hold_open", "hold_closed", "open", "close"};
        for (String action : actions) {
            server.post("/api/v1/circuits/" + action + "/action", "operator@holds", "{\"action\":\"" + action + "\"}");
        }
        assertThat(names("?state=held", viewer)).containsExactlyInAnyOrder("hold_open", "hold_closed");
        assertThat(names("?state=held&limit=5", viewer)).containsExactly("hold_closed", "hold_open");
        HttpResponse<String> page = server.get("/api/v1/circuits/?state=held&limit=1", viewer);
        assertThat(page.headers().firstValue("Link").orElseThrow()).contains("state=held");
        assertThat(json(server.get("/api/v1/agents?state=held", viewer))
                        .getJsonArray("agents")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void an_override_that_repeats_what_is_so_is_acknowledged_and_says_so() {
        String path = "/api/v1/circuits/repeated";
        assertThat(json(order(path, "{\"action\":\"hold_open\"}")).getValue("repeated"))
                .isNull();
        assertThat(json(order(path, "{\"action\":\"hold_open\"}")).getValue("repeated"))
                .isEqualTo(true);
        assertThat(json(order(path, "{\"action\":\"release\"}")).getValue("repeated"))
                .isNull();
        JsonObject again = json(order(path, "{\"action\":\"release\"}"));
        assertThat(again.getString("status")).isEqualTo("released");
        assertThat(again.getValue("repeated")).isEqualTo(true);
    }

    @Test
    void pages_follow_the_link() {
        for (int i = 0; i < 7; i++) {
            server.post("/api/v1/circuits/page%20" + i + "/action", "operator@pages", "{\"action\":\"open\"}");
        }
        List<String> seen = new ArrayList<>();
        String next = "/api/v1/circuits/?limit=3&state=open";
        int pages = 0;
        while (next != null) {
            HttpResponse<String> page = server.get(next, "viewer@pages");
            seen.addAll(json(page).fieldNames());
            next = page.headers()
                    .firstValue("Link")
                    .map(link -> link.replaceFirst("^<(.*)>; rel=\"next\"$", "$1"))
                    .orElse(null);
            pages++;
        }
        assertThat(pages).isEqualTo(3);
        assertThat(seen).containsExactly("page 0", "page 1", "page 2", "page 3", "page 4", "page 5", "page 6");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?state=opened|Unknown state: opened; did you mean 'open'? It must be one of closed, open, half_open, held",
                "?state=away|Unknown state: away; must be one of closed, open, half_open, held",
                "?limit=0|limit must be at least 1, but is 0",
                "?limit=many|limit must be a whole number, but is 'many'",
                "?stat=open|There is no query parameter 'stat' here; did you mean 'state'?",
                "?state=open&state=closed|The query parameter 'state' is there twice"
            })
    void says_what_is_wrong_with_a_query(String query, String detail) {
        HttpResponse<String> answer = server.get("/api/v1/circuits/" + query, "viewer@acme");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).getString("detail")).startsWith(detail);
    }

    @Test
    void lists_the_past_newest_first_in_pages() {
        String path = "/api/v1/circuits/with%2Fpast";
        order(path, "{\"action\":\"open\",\"reason\":\"first\"}");
        order(path, "{\"action\":\"open\",\"reason\":\"again\"}");
        order(path, "{\"action\":\"close\",\"reason\":\"last\"}");
        HttpResponse<String> first = server.get(path + "/transitions?limit=2", "viewer@acme");
        JsonArray rows = json(first).getJsonArray("transitions");
        assertThat(rows.getJsonObject(0).getString("reason")).isEqualTo("last");
        assertThat(rows.getJsonObject(1).getBoolean("repeated")).isTrue();
        String link = first.headers().firstValue("Link").orElseThrow();
        assertThat(link).contains("with%2Fpast");
        JsonArray rest = json(server.get(link.replaceFirst("^<(.*)>.*", "$1"), "viewer@acme"))
                .getJsonArray("transitions");
        assertThat(rest).hasSize(1);
        assertThat(rest.getJsonObject(0).getString("action")).isEqualTo("open");
        assertThat(json(server.get(path + "/transitions", "viewer@others")).getJsonArray("transitions"))
                .isEmpty();
    }

    private static HttpResponse<String> order(String circuit, String body) {
        return server.post(circuit + "/action", "operator@acme", body);
    }

    private static List<String> names(String query, String caller) {
        return new ArrayList<>(
                json(server.get("/api/v1/circuits/" + query, caller)).fieldNames());
    }
}
