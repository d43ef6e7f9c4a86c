package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.TransitionCause;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /api/v1/transitions}: what happened to all circuits of an organization. */
class EventsTest {
    private static final String EVENTS = "/api/v1/transitions";
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
        order("model:atlas", "open");
        order("model:beta", "hold_open");
        order("model:atlas", "close");
        order("planner", "open");
        for (int i = 0; i < 5; i++) {
            server.post(
                    "/api/v1/circuits/writer/outcomes", "agent@acme", "{\"outcome\":\"failure\",\"kind\":\"TIMEOUT\"}");
        }
        assertThat(json(server.get("/api/v1/circuits/writer", "viewer@acme")).getString("state"))
                .isEqualTo("open");
        // What is acknowledged is stored, and so is all before it.
        order("writer", "close");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void the_newest_of_all_circuits_come_first() {
        assertThat(events(""))
                .containsExactly(
                        "writer closed override",
                        "writer open failure_streak",
                        "planner open override",
                        "model:atlas closed override",
                        "model:beta open override",
                        "model:atlas open override");
    }

    @ParameterizedTest
    @CsvSource({
        "agent=model:atlas, 2",
        "agent=model:*, 3",
        "agent=*e*, 6",
        "agent=*er, 3",
        "agent=m_del:*, 0",
        "kind=TIMEOUT, 1",
        "kind=ERROR, 0",
        "cause=override, 5",
        "cause=failure_streak, 1",
        "cause=override&agent=planner, 1",
        "actor=nobody, 0",
        "actor=operator*, 5",
        "actor=operator, 0",
        "since=2001-01-01T00:00:00Z, 6",
        "since=-999999999-01-01T00:00:00Z, 6",
        "until=2001-01-01T00:00:00Z, 0",
        "until=%2B999999999-01-01T00:00:00Z, 6",
        "since=2001-01-01T00:00:00Z&until=2999-01-01T00:00:00Z, 6"
    })
    void filters_narrow_them_down(String filter, int count) {
        assertThat(events("?" + filter)).hasSize(count);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind=OVERLOAD | Unknown kind: OVERLOAD; did you mean 'OVERLOADED'?",
                "cause=overide | Unknown cause: overide; did you mean 'override'?",
                "cause=nobody  | Unknown cause: nobody; must be one of failure_streak, failure_rate, "
            })
    void a_filter_that_nothing_can_match_is_refused(String filter, String detail) {
        HttpResponse<String> answer = server.get(EVENTS + "?" + filter, "viewer@acme");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).getString("detail")).startsWith(detail);
    }

    @Test
    void every_kind_and_every_cause_that_there_is_is_a_filter() {
        for (FailureKind each : FailureKind.values()) {
            assertThat(server.get(EVENTS + "?kind=" + each, "viewer@acme").statusCode())
                    .as(each.toString())
                    .isEqualTo(200);
        }
        for (TransitionCause each : TransitionCause.values()) {
            assertThat(server.get(EVENTS + "?cause=" + each.name().toLowerCase(Locale.ROOT), "viewer@acme")
                            .statusCode())
                    .as(each.toString())
                    .isEqualTo(200);
        }
    }

    @Test
    void what_came_before_a_moment_and_since_it_is_everything() {
        Instant middle = Instant.parse(json(server.get(EVENTS + "?agent=planner", "viewer@acme"))
                .getJsonArray("transitions")
                .getJsonObject(0)
                .getString("at"));
        List<String> all = new ArrayList<>(events("?since=" + middle));
        all.addAll(events("?until=" + middle));
        assertThat(all).isEqualTo(events(""));
    }

    @Test
    void pages_keep_the_filters() {
        List<String> all = new ArrayList<>();
        String path = EVENTS + "?limit=2&agent=model:*&cause=override";
        int pages = 0;
        while (path != null) {
            HttpResponse<String> page = server.get(path, "viewer@acme");
            all.addAll(words(json(page)));
            path = page.headers()
                    .firstValue("Link")
                    .map(link -> link.substring(1, link.indexOf('>')))
                    .orElse(null);
            pages++;
        }
        assertThat(pages).isEqualTo(2);
        assertThat(all).isEqualTo(events("?agent=model:*"));
    }

    @Test
    void another_organization_sees_none_of_them() {
        assertThat(json(server.get(EVENTS, "viewer@others")).getJsonArray("transitions"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "since=yesterday, since must be a time as RFC 3339 writes it",
        "until=, until must",
        "limit=0, limit must",
        "before=x, before must",
        "colour=red, There is no"
    })
    void says_what_is_wrong_with_a_filter(String filter, String detail) {
        HttpResponse<String> answer = server.get(EVENTS + "?" + filter, "viewer@acme");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).getString("detail")).startsWith(detail);
    }

    private static List<String> events(String query) {
        return words(json(server.get(EVENTS + query, "viewer@acme")));
    }

    private static List<String> words(JsonObject answer) {
        return answer.getJsonArray("transitions").stream()
                .map(JsonObject.class::cast)
                .map(row -> row.getString("agent_id") + " " + row.getString("to") + " " + row.getString("cause"))
                .toList();
    }

    private static void order(String agent, String action) {
        assertThat(server.post(
                                "/api/v1/circuits/" + agent + "/action",
                                "operator@acme",
                                "{\"action\":\"" + action + "\"}")
                        .statusCode())
                .isEqualTo(200);
    }
}
