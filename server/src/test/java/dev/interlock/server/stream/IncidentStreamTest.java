package dev.interlock.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the stream says of incidents and of what is known of agents in addition to their circuits: to the own
 * organization only.
 */
class IncidentStreamTest {
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
    void what_becomes_of_an_incident_is_reported_and_a_snapshot_ends_with_those_that_go_on() {
        Listener own = listen("viewer@own");
        Listener rival = listen("admin@rival");
        own.next("snapshot");
        rival.next("snapshot");
        use("own", "planner", "model:atlas");
        use("own", "coder", "model:atlas");
        fail("own", "model:atlas", "OVERLOADED", 5);

        JsonObject began = own.nextOf("incident").getJsonObject("data");
        assertThat(began.getString("root")).isEqualTo("model:atlas");
        assertThat(began.getString("state")).isEqualTo("live");
        assertThat(began.getInteger("open")).isEqualTo(1);
        assertThat(began.getInteger("depending")).isEqualTo(2);
        assertThat(began.fieldNames())
                .as("what the list says of it")
                .isEqualTo(listed("own").getJsonObject(0).fieldNames());

        Listener late = listen("viewer@own");
        JsonArray live = late.next("snapshot").getJsonObject("data").getJsonArray("incidents");
        assertThat(live).hasSize(1);
        assertThat(live.getJsonObject(0).getString("id")).isEqualTo(began.getString("id"));

        fail("own", "lonely", "LOOP", 1);
        String second = late.nextOf("incident").getJsonObject("data").getString("root");
        assertThat(second).isEqualTo("lonely");
        server.post("/api/v1/circuits/model:atlas/action", "operator@own", "{\"action\":\"close\"}");
        for (Listener listener : List.of(own, late)) {
            JsonObject quiet = closed(listener, began.getString("id"));
            assertThat(quiet.getString("quiet_since")).isNotNull();
            assertThat(quiet.getString("state")).isEqualTo("live");
        }
        late.say("{\"type\":\"resync\"}");
        late.nextOf("resync");
        assertThat(late.nextOf("snapshot").getJsonObject("data").getJsonArray("incidents").stream()
                        .map(each -> ((JsonObject) each).getString("root"))
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("lonely", "model:atlas");
        assertThat(rival.all()).isEmpty();
        List.of(own, rival, late).forEach(Listener::hangUp);
    }

    @Test
    void what_an_agent_uses_and_its_metadata_are_reported_when_they_change() {
        Listener own = listen("viewer@known");
        Listener rival = listen("admin@stranger");
        own.next("snapshot");
        rival.next("snapshot");
        server.send("PUT", "/api/v1/agents/planner", "operator@known", "{\"metadata\":{\"team\":\"billing\"}}");
        assertThat(own.nextOf("agent").getJsonObject("data"))
                .isEqualTo(new JsonObject()
                        .put("display_name", null)
                        .put("metadata", new JsonObject().put("team", "billing"))
                        .put("depends_on", new JsonArray())
                        .put("agent_id", "planner"));
        use("known", "planner", "tool:search");
        JsonObject uses = own.nextOf("agent").getJsonObject("data");
        assertThat(uses.getJsonArray("depends_on")).containsExactly("tool:search");
        assertThat(uses.getJsonObject("metadata").getString("team")).isEqualTo("billing");

        Listener late = listen("viewer@known");
        JsonObject about = late.next("snapshot").getJsonObject("data").getJsonObject("agents");
        assertThat(about.fieldNames()).as("those with something to say").containsExactly("planner");
        assertThat(about.getJsonObject("planner").getJsonArray("depends_on")).containsExactly("tool:search");
        assertThat(rival.all()).isEmpty();
        List.of(own, rival, late).forEach(Listener::hangUp);
    }

    /** The first message by which all circuits of an incident are closed. */
    private static JsonObject closed(Listener listener, String id) {
        JsonObject incident = listener.nextOf("incident").getJsonObject("data");
        while (!incident.getString("id").equals(id) || incident.getInteger("open") > 0) {
            incident = listener.nextOf("incident").getJsonObject("data");
        }
        return incident;
    }

    private static JsonArray listed(String organization) {
        return RunningServer.json(server.get("/api/v1/incidents", "viewer@" + organization))
                .getJsonArray("incidents");
    }

    private static void use(String organization, String agent, String upstream) {
        String path = "/api/v1/circuits/" + agent;
        String caller = "agent@" + organization;
        JsonObject permit = RunningServer.json(
                ok(server.post(path + "/permits", caller, "{\"depends_on\":[\"" + upstream + "\"]}")));
        ok(server.post(
                path + "/outcomes",
                caller,
                new JsonObject()
                        .put("outcome", "success")
                        .put("permit", permit.getString("permit"))
                        .encode()));
    }

    private static void fail(String organization, String agent, String kind, int times) {
        for (int i = 0; i < times; i++) {
            ok(server.post(
                    "/api/v1/circuits/" + agent + "/outcomes",
                    "agent@" + organization,
                    "{\"outcome\":\"failure\",\"kind\":\"" + kind + "\"}"));
        }
    }

    private static HttpResponse<String> ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
        return answer;
    }

    private static Listener listen(String caller) {
        return Listener.connect(
                server.uri("/api/v1/stream"),
                builder -> builder.header("Authorization", "Bearer " + RunningServer.token(caller)));
    }
}
