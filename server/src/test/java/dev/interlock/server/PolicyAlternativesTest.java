package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a policy names as alternatives, in refusals over REST and by the proxy, and in what clients hear. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyAlternativesTest {
    private static final String PERMITS = "/api/v1/circuits/planner/permits";

    private ProxyRig rig;

    @BeforeAll
    void start() {
        rig = ProxyRig.openAi();
        assertThat(policy("model:gpt-5", "planner", "writer", "model:gpt-4", "model:gpt-5", "model:down"))
                .isEqualTo(200);
        rig.act("model:gpt-5", "open");
        rig.act("model:down", "open");
    }

    @AfterAll
    void close() {
        rig.close();
    }

    private int policy(String pattern, String... names) {
        return rig.server
                .send("PUT", "/api/v1/policies/" + pattern, "admin@default", alternatives(names))
                .statusCode();
    }

    private static String alternatives(String... names) {
        return new JsonObject()
                .put("alternatives", JsonArray.of((Object[]) names))
                .encode();
    }

    /** What a refusal names to who has a key for one agent alone. */
    private JsonArray namedToPlanner(String body) {
        HttpResponse<byte[]> refused = rig.ask("planner", PERMITS, body);
        assertThat(refused.statusCode()).isEqualTo(503);
        return new JsonObject(ProxyRig.text(refused)).getJsonArray("alternatives");
    }

    @Test
    void a_refusal_names_those_of_the_refusing_circuit_s_policy_that_are_closed_and_that_the_key_may_see() {
        String body = "{\"depends_on\":[\"model:gpt-5\"]}";

        assertThat(namedToPlanner(body))
                .as("neither another agent, nor itself, nor what refuses or is open")
                .containsExactly("model:gpt-4");
        JsonObject toAll = json(rig.server.post(PERMITS, "agent@default", body));
        assertThat(toAll.getJsonArray("alternatives")).containsExactly("writer", "model:gpt-4");
        assertThat(toAll.getString("detail"))
                .matches("model:gpt-5 is open; retry in \\d+ s\\. Instead: writer, model:gpt-4\\."
                        + " Do not repeat this call\\.");
    }

    @Test
    void what_the_request_names_is_in_place_of_what_the_policy_names() {
        assertThat(namedToPlanner("{\"depends_on\":[\"model:gpt-5\"],\"alternatives\":[\"model:kimi\"]}"))
                .containsExactly("model:kimi");
        assertThat(namedToPlanner("{\"depends_on\":[\"model:gpt-5\"],\"alternatives\":[\"model:down\"]}"))
                .isEmpty();
    }

    @Test
    void the_proxy_names_them_to_whom_they_may_be_named() {
        HttpResponse<byte[]> refused = rig.ask("planner");

        assertThat(refused.statusCode()).isEqualTo(424);
        JsonObject error = ProxyRig.error(refused);
        assertThat(error.getJsonArray("alternatives")).containsExactly("model:gpt-4");
        assertThat(error.getString("message")).endsWith(" s. Instead: model:gpt-4. Do not repeat this call.");
    }

    @Test
    void clients_hear_of_those_that_their_key_may_watch() {
        assertThat(heardBy(rig.key("planner"))).containsExactly("planner", "model:gpt-4", "model:gpt-5", "model:down");
        assertThat(heardBy(RunningServer.token("agent@default"))).hasSize(5).contains("writer");
    }

    private JsonArray heardBy(String key) {
        JsonObject ask = new JsonObject()
                .put("client", "a-client-of-these-alternatives-" + key.hashCode())
                .put("watch", JsonArray.of("model:gpt-5"));
        HttpResponse<byte[]> answer =
                rig.send(rig.request("/api/v1/sync", key).POST(BodyPublishers.ofString(ask.encode())));
        assertThat(answer.statusCode()).as(ProxyRig.text(answer)).isEqualTo(200);
        return new JsonObject(ProxyRig.text(answer))
                .getJsonObject("policies")
                .getJsonObject("model:gpt-5")
                .getJsonArray("alternatives");
    }

    @Test
    void a_policy_is_another_organization_s_business_only_there() {
        rig.server.post("/api/v1/circuits/model:gpt-5/action", "operator@other", "{\"action\":\"open\"}");

        JsonObject refused = json(rig.server.post(PERMITS, "agent@other", "{\"depends_on\":[\"model:gpt-5\"]}"));

        assertThat(refused.getJsonArray("alternatives")).isEmpty();
    }

    @Test
    void wrong_names_are_refused_with_what_would_be_right() {
        HttpResponse<String> refused = rig.server.send(
                "PUT", "/api/v1/policies/tool:x", "admin@default", alternatives("tool:y", "tool:*", "tool:y"));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(json(refused).getString("detail"))
                .contains(
                        "alternatives[1] = 'tool:*': must be the name of one circuit, and no pattern",
                        "alternatives[2] = 'tool:y': must be given once");
    }
}
