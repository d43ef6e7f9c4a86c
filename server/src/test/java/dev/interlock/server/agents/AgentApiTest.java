package dev.interlock.server.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agents, over HTTP. Each test has an organization of its own. */
class AgentApiTest {
    private static RunningServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_permit_makes_an_agent_known_with_what_it_depends_on() {
        permit("acme", "planner", "model:kimi-k2", "tool:search");
        permit("acme", "critic", "model:kimi-k2");
        server.post("/api/v1/circuits/model:kimi-k2/action", "operator@acme", "{\"action\":\"hold_open\"}");

        JsonObject planner = RunningServer.json(server.get("/api/v1/agents/planner", "viewer@acme"));
        assertThat(planner.getString("state")).isEqualTo("closed");
        assertThat(planner.getString("status")).isEqualTo("unknown");
        assertThat(planner.getInteger("score")).isEqualTo(100);
        assertThat(planner.getJsonArray("depends_on").encode())
                .isEqualTo("[{\"agent_id\":\"model:kimi-k2\",\"state\":\"open\",\"held\":true},"
                        + "{\"agent_id\":\"tool:search\",\"state\":\"closed\",\"held\":false}]");
        JsonObject model = RunningServer.json(server.get("/api/v1/agents/model:kimi-k2", "viewer@acme"));
        assertThat(model.getJsonArray("dependents").encode())
                .as("who is hit")
                .isEqualTo("[{\"agent_id\":\"critic\",\"state\":\"closed\",\"held\":false},"
                        + "{\"agent_id\":\"planner\",\"state\":\"closed\",\"held\":false}]");
    }

    @Test
    void an_agent_never_heard_of_is_not_found_and_anothers_neither() {
        permit("private", "secret-agent");

        HttpResponse<String> missing = server.get("/api/v1/agents/nobody", "viewer@private");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(RunningServer.json(missing).getString("detail")).contains("No agent 'nobody' has been heard of");
        assertThat(server.get("/api/v1/agents/secret-agent", "admin@other").statusCode())
                .isEqualTo(404);
        assertThat(server.get("/api/v1/agents", "admin@other").body()).isEqualTo("{\"agents\":[]}");
    }

    @Test
    void agents_are_listed_filtered_and_paged() {
        for (int i = 0; i < 12; i++) {
            permit("listed", "agent-" + (char) ('a' + i));
        }
        server.post("/api/v1/circuits/agent-c/action", "operator@listed", "{\"action\":\"open\"}");

        assertThat(names(server.get("/api/v1/agents", "viewer@listed"))).hasSize(12);
        assertThat(names(server.get("/api/v1/agents?prefix=agent-d", "viewer@listed")))
                .containsExactly("agent-d");
        assertThat(names(server.get("/api/v1/agents?state=open", "viewer@listed")))
                .containsExactly("agent-c");
        assertThat(names(server.get("/api/v1/agents?status=healthy", "viewer@listed")))
                .isEmpty();
        assertThat(names(server.get("/api/v1/agents?status=unknown&limit=100", "viewer@listed")))
                .hasSize(12);
        List<String> read = new ArrayList<>();
        String next = "/api/v1/agents?limit=5&state=closed";
        while (next != null) {
            HttpResponse<String> page = server.get(next, "viewer@listed");
            read.addAll(names(page));
            next = page.headers()
                    .firstValue("Link")
                    .map(link -> link.replaceFirst("^<([^>]*)>.*", "$1"))
                    .orElse(null);
        }
        assertThat(read).hasSize(11).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void a_registered_name_outlives_a_restart_and_further_sightings() {
        try (RunningServer first = RunningServer.on(folder)) {
            HttpResponse<String> done = first.send(
                    "PUT",
                    "/api/v1/agents/planner",
                    "operator@acme",
                    "{\"display_name\":\"The planner\",\"metadata\":{\"team\":\"logistics\"}}");
            assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
            first.post("/api/v1/circuits/planner/permits", "agent@acme", "{\"depends_on\":[\"model:kimi-k2\"]}");
        }
        try (RunningServer second = RunningServer.on(folder)) {
            JsonObject planner = RunningServer.json(second.get("/api/v1/agents/planner", "viewer@acme"));
            assertThat(planner.getString("display_name")).isEqualTo("The planner");
            assertThat(planner.getJsonObject("metadata").encode()).isEqualTo("{\"team\":\"logistics\"}");
            assertThat(planner.getJsonArray("depends_on")).hasSize(1);
            assertThat(second.send("PUT", "/api/v1/agents/planner", "operator@acme", "{}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(RunningServer.json(second.get("/api/v1/agents/planner", "viewer@acme"))
                            .getString("display_name"))
                    .isNull();
        }
    }

    @Test
    void what_no_agent_can_be_called_is_refused() {
        for (String body : List.of(
                "{\"display_name\":7}",
                "{\"display_name\":\"\"}",
                "{\"display_name\":\"a\\u0000b\"}",
                "{\"metadata\":{\"a\":1}}",
                "{\"metadata\":{\"a\\u0000\":\"\"}}",
                "{\"name\":\"x\"}")) {
            assertThat(server.send("PUT", "/api/v1/agents/planner", "operator@strict", body)
                            .statusCode())
                    .as(body)
                    .isEqualTo(400);
        }
        assertThat(server.send("PUT", "/api/v1/agents/%20", "operator@strict", "{}")
                        .statusCode())
                .isEqualTo(400);
    }

    private static void permit(String organization, String agent, String... dependencies) {
        HttpResponse<String> answer = server.post(
                "/api/v1/circuits/" + agent + "/permits",
                "agent@" + organization,
                new JsonObject().put("depends_on", List.of(dependencies)).encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static List<String> names(HttpResponse<String> answer) {
        List<String> names = new ArrayList<>();
        RunningServer.json(answer)
                .getJsonArray("agents")
                .forEach(agent -> names.add(((JsonObject) agent).getString("agent_id")));
        return names;
    }
}
