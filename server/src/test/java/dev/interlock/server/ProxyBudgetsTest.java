package dev.interlock.server;

import static dev.interlock.server.ProxyRig.CHAT;
import static dev.interlock.server.ProxyRig.QUESTION;
import static dev.interlock.server.ProxyRig.error;
import static dev.interlock.server.ProxyRig.upstream;
import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.OpenAiAnswers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Budgets and the proxy: what providers say of tokens uses them up, their gate refuses, a raise lets calls pass again. */
class ProxyBudgetsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String RESPONSES = "/proxy/openai/v1/responses";
    private static final String MESSAGES = "/proxy/claude/v1/messages";
    private static final String UPSTREAMS =
            "[" + upstream("openai", "{}") + ", " + upstream("claude", "{api: anthropic}") + "]";

    /** What one answer of the fake provider says that it used. */
    private static final int EACH = 17;

    private static ProxyRig shared;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        shared = ProxyRig.of(UPSTREAMS, Map.of());
        put(shared, "asked", "{'pattern': 'asker-*', 'per': 'month', 'tokens': 1000}");
    }

    @AfterAll
    static void stop() {
        shared.close();
    }

    @Test
    void tokens_through_the_proxy_use_a_budget_up_a_raise_lets_calls_pass_and_a_restart_refills_nothing() {
        try (ProxyRig rig = ProxyRig.on(folder, UPSTREAMS)) {
            put(rig, "plans", "{'pattern': 'planner', 'per': 'month', 'tokens': " + 4 * EACH + "}");
            passes(rig, CHAT, OpenAiAnswers.text("a plan"));
            passes(rig, CHAT, OpenAiAnswers.stream("a ", "plan"));
            passes(rig, MESSAGES, AnthropicAnswers.text("a plan"));
            assertThat(usage(rig, "planner").getBoolean("used_up", false))
                    .as("with three of four answers")
                    .isFalse();
            passes(rig, MESSAGES, AnthropicAnswers.stream("a ", "plan"));
            awaitUsed(rig, 4 * EACH);

            awaitStop(rig);
            refuses(rig);
            assertThat(rig.provider.requests())
                    .as("what the provider was asked")
                    .hasSize(4);
            rig.provider.then(OpenAiAnswers.text("a text"));
            assertThat(rig.ask("writer").statusCode()).as("of another agent").isEqualTo(200);

            raise(rig);
            passes(rig, CHAT, OpenAiAnswers.stream("a plan"));
            awaitUsed(rig, 5 * EACH);
            awaitStop(rig);
            refuses(rig);
        }
        try (ProxyRig again = ProxyRig.on(folder, UPSTREAMS)) {
            refuses(again);
            assertThat(again.provider.requests())
                    .as("before anything was raised")
                    .isEmpty();
            assertThat(usage(again, "planner").getInteger("tokens")).isEqualTo(5 * EACH);

            raise(again);
            passes(again, MESSAGES, AnthropicAnswers.text("a plan"));
            assertThat(again.state("planner")).isEqualTo("closed");
            awaitUsed(again, 6 * EACH);
        }
    }

    static Stream<Arguments> answers() {
        String response = "{'id':'resp_1','object':'response','status':'completed','output':[{'type':'message'}],"
                + "'usage':{'input_tokens':12,'input_tokens_details':{'cached_tokens':4},'output_tokens':5,"
                + "'output_tokens_details':{'reasoning_tokens':3},'total_tokens':17}}";
        String cached = "{'id':'msg_1','type':'message','content':[{'type':'text','text':'a plan'}],"
                + "'stop_reason':'end_turn','usage':{'input_tokens':8,'cache_read_input_tokens':4,"
                + "'cache_creation_input_tokens':3,'output_tokens':5}}";
        return Stream.of(
                Arguments.of("whole", CHAT, OpenAiAnswers.text("a"), EACH, 0),
                Arguments.of("a stream", CHAT, OpenAiAnswers.stream("a", "b"), EACH, 0),
                Arguments.of("a stream without usage", CHAT, withoutUsage(), 0, 0),
                Arguments.of("an answer that a filter took", CHAT, OpenAiAnswers.filtered(), EACH, 0),
                Arguments.of("an error", CHAT, OpenAiAnswers.error(500, "server_error", "Oops"), 0, 0),
                Arguments.of("a response", RESPONSES, Answer.json(text(response)), 13, 4),
                Arguments.of(
                        "a response in a stream",
                        RESPONSES,
                        Answer.events(text("{'type':'response.completed','response':" + response + "}")),
                        13,
                        4),
                Arguments.of("whole, of Anthropic", MESSAGES, AnthropicAnswers.text("a"), EACH, 0),
                Arguments.of("a stream of Anthropic", MESSAGES, AnthropicAnswers.stream("a", "b"), EACH, 0),
                Arguments.of("with a cache, of Anthropic", MESSAGES, Answer.json(text(cached)), 16, 4),
                Arguments.of(
                        "a stream of Anthropic that breaks",
                        MESSAGES,
                        AnthropicAnswers.pieces("a").thenClosed(),
                        13,
                        0));
    }

    private static Answer withoutUsage() {
        return OpenAiAnswers.pieces("a").thenEvent(Duration.ZERO, "[DONE]");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void each_call_counts_once_with_what_its_answer_says(
            String what, String path, Answer answer, int tokens, int cached) {
        String agent = "asker-" + what.replaceAll("\\W+", "-");
        shared.provider.then(answer);
        try {
            shared.ask(agent, path, QUESTION);
        } catch (UncheckedIOException broken) {
            assertThat(what).endsWith("breaks");
        }
        await().atMost(LIMIT).untilAsserted(() -> {
            JsonObject usage = usage(shared, agent);
            assertThat(usage.getInteger("calls")).isEqualTo(1);
            assertThat(usage.getInteger("tokens")).isEqualTo(tokens);
            assertThat(usage.getInteger("cached_tokens")).isEqualTo(cached);
        });
    }

    private static void put(ProxyRig rig, String name, String budget) {
        HttpResponse<String> answer = rig.server.send("PUT", "/api/v1/budgets/" + name, "admin@default", text(budget));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void raise(ProxyRig rig) {
        HttpResponse<String> answer = rig.server.post(
                "/api/v1/budgets/plans/raise",
                "admin@default",
                text("{'tokens': " + EACH + ", 'reason': 'the report is due today'}"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void passes(ProxyRig rig, String path, Answer answer) {
        rig.provider.then(answer);
        assertThat(rig.ask("planner", path, QUESTION).statusCode()).as(path).isEqualTo(200);
    }

    private static void refuses(ProxyRig rig) {
        int asked = rig.provider.requests().size();
        for (String path : new String[] {CHAT, MESSAGES}) {
            HttpResponse<byte[]> refused = rig.ask("planner", path, QUESTION);
            assertThat(refused.statusCode()).as(path).isEqualTo(424);
            assertThat(refused.headers().firstValue("interlock-refused")).contains("planner");
            JsonObject error = error(refused);
            assertThat(error.getString("code")).isEqualTo("circuit_open");
            assertThat(error.getString("reason")).isEqualTo("gate");
            assertThat(error.getLong("retry_after"))
                    .isBetween(1L, Duration.ofDays(31).toSeconds());
            assertThat(error.getString("message")).endsWith("Do not repeat this call.");
        }
        assertThat(rig.provider.requests()).hasSize(asked);
    }

    private static void awaitUsed(ProxyRig rig, int tokens) {
        await().atMost(LIMIT)
                .untilAsserted(() ->
                        assertThat(usage(rig, "planner").getInteger("tokens")).isEqualTo(tokens));
    }

    /** A permit that nobody settles uses nothing up. */
    private static void awaitStop(ProxyRig rig) {
        await().atMost(LIMIT)
                .until(() -> rig.server
                                .post("/api/v1/circuits/planner/permits", "agent@default", "{}")
                                .statusCode()
                        == 503);
    }

    /** As REST shows it; an empty object before anything was used. */
    private static JsonObject usage(ProxyRig rig, String agent) {
        JsonArray usage = json(rig.server.get("/api/v1/budgets?agent=" + agent, "viewer@default"))
                .getJsonArray("budgets")
                .getJsonObject(0)
                .getJsonArray("usage");
        return usage.isEmpty() ? new JsonObject() : usage.getJsonObject(0);
    }

    private static String text(String json) {
        return json.replace('\'', '"');
    }
}
