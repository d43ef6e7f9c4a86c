package dev.interlock.server.circuits;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An override of a name that nobody has heard of may be meant, and may be a slip. */
class UnknownNamesTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
        for (String agent : new String[] {"billing-planner", "billing-planner-2", "model:atlas"}) {
            server.post("/api/v1/circuits/" + agent + "/outcomes", "agent@acme", "{\"outcome\":\"success\"}");
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void it_is_carried_out_and_says_so_with_the_nearest_names() {
        HttpResponse<String> answer = act("biling-planner", "{\"action\":\"open\"}");
        assertThat(answer.statusCode()).isEqualTo(200);
        JsonObject done = json(answer);
        assertThat(done.getString("status")).isEqualTo("opened");
        assertThat(done.getBoolean("created")).isTrue();
        assertThat(done.getJsonArray("nearest"))
                .isEqualTo(new JsonArray().add("billing-planner").add("billing-planner-2"));
        assertThat(json(act("biling-planner", "{\"action\":\"close\"}")).containsKey("created"))
                .as("from then on it is known")
                .isFalse();
    }

    @Test
    void who_says_so_has_it_refused_and_nothing_is_made() {
        HttpResponse<String> answer = act("modle:atlas", "{\"action\":\"hold_open\",\"create\":false}");
        assertThat(answer.statusCode()).isEqualTo(404);
        JsonObject problem = json(answer);
        assertThat(problem.getString("type")).isEqualTo("agent-unknown");
        assertThat(problem.getString("detail"))
                .contains("There is no agent 'modle:atlas'; did you mean 'model:atlas'?");
        assertThat(problem.getJsonArray("nearest")).isEqualTo(new JsonArray().add("model:atlas"));
        assertThat(server.get("/api/v1/agents/modle:atlas", "viewer@acme").statusCode())
                .isEqualTo(404);
        assertThat(json(server.get("/api/v1/circuits/", "viewer@acme")).containsKey("modle:atlas"))
                .isFalse();
    }

    @Test
    void a_part_of_a_name_is_near_to_it() {
        JsonObject problem = json(act("atlas", "{\"action\":\"open\",\"create\":false}"));
        assertThat(problem.getString("detail")).contains("; did you mean 'model:atlas'?");
    }

    @Test
    void a_name_that_is_known_is_overridden_as_ever_and_names_of_others_are_not_near() {
        assertThat(json(act("model:atlas", "{\"action\":\"reset\",\"create\":false}"))
                        .getString("status"))
                .isEqualTo("reset");
        JsonObject done = json(server.post(
                "/api/v1/circuits/modle:atlas/action", "operator@other", "{\"action\":\"open\",\"create\":true}"));
        assertThat(done.getJsonArray("nearest")).isEmpty();
    }

    private static HttpResponse<String> act(String agent, String body) {
        return server.post("/api/v1/circuits/" + agent + "/action", "operator@acme", body);
    }
}
