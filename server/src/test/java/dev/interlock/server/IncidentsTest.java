package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.monitor.incidents.Incident;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code GET /api/v1/incidents}: what is wrong, what caused it, and what was; over a restart, too. */
class IncidentsTest {
    private static final String INCIDENTS = "/api/v1/incidents";
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.on(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_model_that_fails_for_its_agents_is_one_incident_with_its_story_and_goes_on_over_a_restart() {
        depend("acme", "model:atlas", "planner", "coder", "writer");
        fail("acme", "planner", "model:atlas", "OVERLOADED");
        fail("acme", "coder", "model:atlas", "OVERLOADED");

        JsonObject incident = await().atMost(LONG).until(() -> only("acme"), each -> each != null);
        assertThat(incident.getString("root")).isEqualTo("model:atlas");
        assertThat(incident.getBoolean("suspected")).isFalse();
        assertThat(incident.getString("state")).isEqualTo("live");
        assertThat(incident.getInteger("open")).isEqualTo(1);
        assertThat(incident.getInteger("depending")).isEqualTo(3);
        String id = incident.getString("id");

        assertThat(permit("acme", "writer", "model:atlas").statusCode()).isEqualTo(503);
        ok(server.post(
                "/api/v1/circuits/model:atlas/action",
                "operator@acme",
                "{\"action\": \"hold_open\", \"reason\": \"we know; see <b>ticket</b> #4|5\"}"));
        JsonObject story = await().atMost(LONG)
                .until(
                        () -> story("acme", id),
                        each -> each.getJsonArray("timeline").size() == 2);
        assertThat(story.getInteger("refused"))
                .as("five calls of the coder, one of the writer")
                .isEqualTo(6);
        assertThat(story.getJsonArray("depending_agents").getList()).containsExactly("coder", "planner", "writer");
        JsonObject root = story.getJsonArray("affected").getJsonObject(0);
        assertThat(root.getString("agent_id")).isEqualTo("model:atlas");
        assertThat(root.getString("kind")).isEqualTo("OVERLOADED");
        assertThat(root.getBoolean("follows")).isFalse();
        JsonObject held = story.getJsonArray("timeline").getJsonObject(1);
        assertThat(held.getString("action")).isEqualTo("hold_open");
        assertThat(held.getString("actor")).isEqualTo("operator (token of tests)");

        HttpResponse<String> page = ok(server.get(INCIDENTS + "/" + id + "?format=markdown", "viewer@acme"));
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/markdown; charset=utf-8");
        assertThat(page.body())
                .startsWith("# model:atlas: opened\n")
                .contains("| Calls refused | 6 |")
                .contains("by operator \\(token of tests\\): we know; see \\<b\\>ticket\\</b\\> \\#4\\|5");

        server.close();
        server = RunningServer.on(folder);
        assertThat(only("acme").getString("id")).isEqualTo(id);
        ok(server.post("/api/v1/circuits/model:atlas/action", "operator@acme", "{\"action\": \"close\"}"));
        await().atMost(LONG).until(() -> only("acme").getString("quiet_since") != null);
        JsonObject quiet = only("acme");
        assertThat(quiet.getString("id")).isEqualTo(id);
        assertThat(quiet.getInteger("open")).isZero();
        Instant since = Instant.parse(quiet.getString("quiet_since"));
        assertThat(Instant.parse(quiet.getString("ends_at"))).isEqualTo(since.plus(Incident.QUIET));
        assertThat(server.get("/api/v1/incidents/" + id + "?format=markdown", "viewer@acme")
                        .body())
                .contains("| Ended | all circuits closed at " + quiet.getString("quiet_since") + "; it ends at "
                        + quiet.getString("ends_at") + " if none opens again |");
    }

    @Test
    void what_agents_do_by_themselves_are_incidents_of_their_own() {
        for (String agent : List.of("one", "two")) {
            for (int i = 0; i < 3; i++) {
                ok(server.post(
                        "/api/v1/circuits/" + agent + "/outcomes",
                        "agent@loops",
                        "{\"outcome\": \"failure\", \"kind\": \"LOOP\"}"));
            }
        }
        await().atMost(LONG).until(() -> list("loops", "?state=live").size() == 2);
        assertThat(list("loops", ""))
                .extracting(each -> each.getString("root"))
                .containsExactlyInAnyOrder("one", "two");
        List<JsonObject> first = list("loops", "?limit=1");
        assertThat(first).hasSize(1);
        assertThat(list("loops", "?limit=1&before=" + first.get(0).getString("id")))
                .singleElement()
                .isNotEqualTo(first.get(0));
        assertThat(list("loops", "?state=ended")).isEmpty();
        assertThat(list("loops", "?until=2020-01-01T00:00:00Z")).isEmpty();
    }

    @Test
    void an_organization_sees_its_own_and_nobody_sees_what_is_not_there() {
        fail("mine", "lonely", "tool:x", "TIMEOUT");
        fail("mine", "lonely", "tool:x", "TIMEOUT");
        JsonObject incident = await().atMost(LONG).until(() -> only("mine"), each -> each != null);
        assertThat(list("yours", "")).isEmpty();
        HttpResponse<String> other = server.get(INCIDENTS + "/" + incident.getString("id"), "viewer@yours");
        assertThat(other.statusCode()).isEqualTo(404);
        assertThat(json(other).getString("detail"))
                .contains("There is no incident")
                .doesNotContain("tool:x");
        assertThat(server.get(INCIDENTS, "agent@mine").statusCode()).isEqualTo(403);
        assertThat(server.get(INCIDENTS + "?state=dead", "viewer@mine").statusCode())
                .isEqualTo(400);
    }

    private static void depend(String organization, String upstream, String... agents) {
        for (String agent : agents) {
            JsonObject permit = json(ok(permit(organization, agent, upstream)));
            settle(organization, agent, permit.getString("permit"), "{\"outcome\": \"success\"");
        }
    }

    /** Five calls that fail. */
    private static void fail(String organization, String agent, String upstream, String kind) {
        for (int i = 0; i < 5; i++) {
            HttpResponse<String> answer = permit(organization, agent, upstream);
            if (answer.statusCode() == 200) {
                settle(
                        organization,
                        agent,
                        json(answer).getString("permit"),
                        "{\"outcome\": \"failure\", \"kind\": \"" + kind + "\"");
            }
        }
    }

    private static HttpResponse<String> permit(String organization, String agent, String upstream) {
        return server.post(
                "/api/v1/circuits/" + agent + "/permits",
                "agent@" + organization,
                "{\"depends_on\": [\"" + upstream + "\"]}");
    }

    private static void settle(String organization, String agent, String permit, String outcome) {
        ok(server.post(
                "/api/v1/circuits/" + agent + "/outcomes",
                "agent@" + organization,
                outcome + ", \"permit\": \"" + permit + "\"}"));
    }

    private static JsonObject story(String organization, String id) {
        return json(ok(server.get(INCIDENTS + "/" + id, "viewer@" + organization)));
    }

    /** The only incident; null while there is none. */
    private static JsonObject only(String organization) {
        List<JsonObject> all = list(organization, "");
        assertThat(all).hasSizeLessThan(2);
        return all.isEmpty() ? null : all.get(0);
    }

    private static List<JsonObject> list(String organization, String query) {
        return json(ok(server.get(INCIDENTS + query, "viewer@" + organization))).getJsonArray("incidents").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    private static HttpResponse<String> ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
        return answer;
    }
}
