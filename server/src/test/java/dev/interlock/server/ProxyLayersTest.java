package dev.interlock.server;

import static dev.interlock.server.ProxyRig.CHAT;
import static dev.interlock.server.ProxyRig.QUESTION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.test.OpenAiAnswers;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A guard around a call and the proxy within it do not fight: the call counts once, and a refusal is nobody's failure. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxyLayersTest {
    private ProxyRig rig;

    @BeforeAll
    void start() {
        rig = ProxyRig.openAi();
    }

    @AfterAll
    void close() {
        rig.close();
    }

    @BeforeEach
    void begin() {
        rig.provider.forget();
        for (String each : new String[] {"planner", "model:gpt-5", "key:openai"}) {
            rig.act(each, "reset");
        }
    }

    @Test
    void a_call_within_a_permit_counts_once() {
        rig.provider.otherwise(OpenAiAnswers.error(500, "server_error", "Oops"));
        String permit = permit();

        assertThat(within(permit).statusCode()).isEqualTo(500);
        settle(permit, "SERVER_ERROR");

        assertThat(rig.failures("model:gpt-5")).isEqualTo(1);
        assertThat(rig.failures("planner")).isZero();
    }

    @Test
    void a_call_without_its_permit_would_count_twice() {
        rig.provider.otherwise(OpenAiAnswers.error(500, "server_error", "Oops"));
        String permit = permit();

        assertThat(rig.ask("planner").statusCode()).isEqualTo(500);
        settle(permit, "SERVER_ERROR");

        assertThat(rig.failures("model:gpt-5")).isEqualTo(2);
    }

    @Test
    void a_refusal_within_a_permit_is_nobodys_failure() {
        String permit = permit();
        rig.act("key:openai", "open");

        HttpResponse<byte[]> refused = within(permit);
        assertThat(refused.statusCode()).isEqualTo(424);
        settle(permit, "DOWNSTREAM_OPEN");

        assertThat(rig.failures("model:gpt-5")).isZero();
        assertThat(rig.failures("planner")).isZero();
        assertThat(rig.provider.requests()).isEmpty();
    }

    @Test
    void what_is_no_permit_of_the_caller_is_refused() {
        assertThat(within("made-up").statusCode()).isEqualTo(422);
        String permit = permit();
        HttpResponse<byte[]> stolen = rig.send(rig.request(CHAT, rig.key("writer"))
                .header("interlock-permit", permit)
                .POST(BodyPublishers.ofString(QUESTION)));
        assertThat(stolen.statusCode()).isEqualTo(422);
        assertThat(rig.provider.requests()).isEmpty();
        settle(permit, "CANCELLED");
    }

    private HttpResponse<byte[]> within(String permit) {
        return rig.send(rig.request(CHAT, rig.key("planner"))
                .header("interlock-permit", permit)
                .POST(BodyPublishers.ofString(QUESTION)));
    }

    private String permit() {
        HttpResponse<String> given = rig.server.post(
                "/api/v1/circuits/planner/permits", "agent@default", "{\"depends_on\":[\"model:gpt-5\"]}");
        return new JsonObject(given.body()).getString("permit");
    }

    private void settle(String permit, String kind) {
        HttpResponse<String> settled = rig.server.post(
                "/api/v1/circuits/planner/outcomes",
                "agent@default",
                "{\"permit\":\"" + permit + "\",\"outcome\":\"failure\",\"kind\":\"" + kind + "\"}");
        assertThat(settled.statusCode()).as(settled.body()).isEqualTo(200);
    }
}
