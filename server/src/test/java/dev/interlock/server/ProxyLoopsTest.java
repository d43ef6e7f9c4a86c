package dev.interlock.server;

import static dev.interlock.server.ProxyRig.error;
import static dev.interlock.server.ProxyRig.upstream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.test.OpenAiAnswers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Loops of executions that call their models through the proxy: found in what requests say of the turn before. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxyLoopsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String ARGUMENTS = "a-hidden-argument";
    private static final String RESULT = "a-hidden-result";
    private static final Map<String, String> FLAGS = Map.of("loop-except", "tool:poll_*", "loop-ignored-fields", "at");

    /** How an agent says what it called: in its history, which grows by each turn. */
    private enum Way {
        CHAT("/proxy/openai/v1/chat/completions", "messages") {
            @Override
            void turn(JsonArray said, int number, String tool, String arguments, String result) {
                said.add(new JsonObject()
                        .put("role", "assistant")
                        .putNull("content")
                        .put(
                                "tool_calls",
                                new JsonArray()
                                        .add(new JsonObject()
                                                .put("id", "call_" + number)
                                                .put("type", "function")
                                                .put(
                                                        "function",
                                                        new JsonObject()
                                                                .put("name", tool)
                                                                .put("arguments", arguments)))));
                said.add(new JsonObject()
                        .put("role", "tool")
                        .put("tool_call_id", "call_" + number)
                        .put("content", result));
            }
        },
        RESPONSES("/proxy/openai/v1/responses", "input") {
            @Override
            void turn(JsonArray said, int number, String tool, String arguments, String result) {
                said.add(new JsonObject()
                        .put("type", "function_call")
                        .put("call_id", "call_" + number)
                        .put("name", tool)
                        .put("arguments", arguments));
                said.add(new JsonObject()
                        .put("type", "function_call_output")
                        .put("call_id", "call_" + number)
                        .put("output", result));
            }
        },
        MESSAGES("/proxy/claude/v1/messages", "messages") {
            @Override
            void turn(JsonArray said, int number, String tool, String arguments, String result) {
                JsonObject call = new JsonObject()
                        .put("type", "tool_use")
                        .put("id", "toolu_" + number)
                        .put("name", tool)
                        .put("input", new JsonObject(arguments));
                JsonObject back = new JsonObject()
                        .put("type", "tool_result")
                        .put("tool_use_id", "toolu_" + number)
                        .put("content", result);
                said.add(new JsonObject().put("role", "assistant").put("content", new JsonArray().add(call)));
                said.add(new JsonObject().put("role", "user").put("content", new JsonArray().add(back)));
            }
        };

        private final String path;
        private final String field;

        Way(String path, String field) {
            this.path = path;
            this.field = field;
        }

        abstract void turn(JsonArray said, int number, String tool, String arguments, String result);
    }

    /** One run of an agent, with its history. */
    private final class Run {
        private final String agent;
        private final String execution;
        private final Way way;
        private final JsonArray said =
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "the tides of Lima?"));
        private int turns;

        Run(String agent, String execution, Way way) {
            this.agent = agent;
            this.execution = execution;
            this.way = way;
        }

        /** The model asked for a tool, which came to something; the model is asked again. */
        HttpResponse<byte[]> turn(String tool, String arguments, String result) {
            way.turn(said, turns++, tool, arguments, result);
            return ask();
        }

        HttpResponse<byte[]> turn() {
            return turn("search", "{\"q\": \"" + ARGUMENTS + "\", \"at\": " + turns + "}", RESULT);
        }

        HttpResponse<byte[]> ask() {
            JsonObject body = new JsonObject().put("model", "gpt-5").put(way.field, said);
            var request = rig.request(way.path, rig.key(agent)).POST(BodyPublishers.ofString(body.encode()));
            return rig.send(execution == null ? request : request.header("interlock-execution", execution));
        }

        int passed(int turns) {
            return (int) IntStream.range(0, turns)
                    .filter(i -> turn().statusCode() == 200)
                    .count();
        }
    }

    private ProxyRig rig;

    @BeforeAll
    void start() {
        rig = ProxyRig.of("[" + upstream("openai", "{}") + ", " + upstream("claude", "{api: anthropic}") + "]", FLAGS);
    }

    @AfterAll
    void close() {
        rig.close();
    }

    @BeforeEach
    void answer() {
        rig.provider.forget();
        rig.provider.otherwise(OpenAiAnswers.text("I look again."));
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void the_third_time_that_a_call_comes_to_the_same_end_its_run_is_refused_alone(Way way) {
        String agent = "searcher-" + way.ordinal();
        Run run = new Run(agent, "run-1", way);
        assertThat(run.ask().statusCode()).isEqualTo(200);
        assertThat(run.turn().statusCode()).isEqualTo(200);
        assertThat(run.turn().statusCode()).isEqualTo(200);

        HttpResponse<byte[]> refused = run.turn();

        assertThat(refused.statusCode()).isEqualTo(424);
        assertThat(refused.headers().firstValue("interlock-refused")).contains(agent);
        JsonObject error = error(refused);
        assertThat(error.getString("reason")).isEqualTo("loop");
        assertThat(error.getLong("retry_after")).isBetween(60L, 3_600L);
        assertThat(error.getString("message")).contains("repeats itself").endsWith("Do not repeat this call.");
        assertThat(run.ask().statusCode()).as("whatever it asks next").isEqualTo(424);
        assertThat(rig.provider.requests()).as("what the provider was asked").hasSize(3);

        assertThat(new Run(agent, "run-2", way).ask().statusCode()).isEqualTo(200);
        assertThat(new Run(agent, null, way).ask().statusCode()).isEqualTo(200);
        assertThat(rig.state(agent)).isEqualTo("closed");
        assertThat(rig.state("model:gpt-5")).isEqualTo("closed");
        assertThat(rig.server
                        .post("/api/v1/circuits/" + agent + "/permits", "agent@default", "{\"execution\": \"run-1\"}")
                        .statusCode())
                .as("a permit of this run")
                .isEqualTo(503);
    }

    @Test
    void what_was_called_is_in_no_log_and_the_loop_is() {
        new Run("logged", "run-1", Way.CHAT).passed(3);

        await().atMost(LIMIT)
                .until(() -> rig.server
                        .get("/api/v1/agents/logged/logs", "viewer@default")
                        .body()
                        .contains("came to the same end 3 times"));
        assertThat(rig.server
                        .get("/api/v1/agents/logged/logs", "viewer@default")
                        .body())
                .doesNotContain(ARGUMENTS, RESULT);
        assertThat(rig.server.get("/metrics", "viewer@default").body())
                .containsPattern("(?m)^interlock_loops_total.* [1-9]");
    }

    @Test
    void a_request_that_is_repeated_is_one_turn() {
        Run run = new Run("repeater", "run-1", Way.CHAT);
        run.turn();
        for (int i = 0; i < 5; i++) {
            assertThat(run.ask().statusCode()).isEqualTo(200);
        }
        assertThat(run.passed(1)).isEqualTo(1);
    }

    @Test
    void other_results_excepted_tools_and_runs_without_a_name_are_no_loop() {
        Run progress = new Run("worker", "run-1", Way.MESSAGES);
        Run poller = new Run("worker", "run-2", Way.CHAT);
        Run nameless = new Run("worker", null, Way.CHAT);
        for (int i = 0; i < 6; i++) {
            assertThat(progress.turn("search", "{}", "page " + i).statusCode()).isEqualTo(200);
            assertThat(poller.turn("poll_job", "{}", "running").statusCode()).isEqualTo(200);
            assertThat(nameless.turn().statusCode()).isEqualTo(200);
        }
        assertThat(rig.state("worker")).isEqualTo("closed");
    }

    @Test
    void a_long_history_is_looked_through_as_well() {
        Run run = new Run("reader", "run-1", Way.CHAT);
        run.said.add(new JsonObject().put("role", "user").put("content", "x".repeat(300_000)));

        assertThat(run.passed(2)).isEqualTo(2);
        assertThat(run.turn().statusCode()).isEqualTo(424);
    }

    @Test
    void a_run_whose_calls_are_logged_as_well_is_judged_by_its_log() {
        Run run = new Run("double", "run-1", Way.CHAT);
        for (int i = 0; i < 2; i++) {
            assertThat(run.turn().statusCode()).isEqualTo(200);
            log("double", "run-1", i);
        }
        assertThat(run.ask().statusCode()).as("two calls, each reported twice").isEqualTo(200);
        log("double", "run-1", 2);
        assertThat(run.ask().statusCode()).isEqualTo(424);
    }

    private void log(String agent, String execution, int at) {
        String entry = new JsonObject()
                .put("agent_id", agent)
                .put("execution_id", execution)
                .put("action_type", "tool_call")
                .put("action_name", "search")
                .put("input_summary", "{\"q\": \"" + ARGUMENTS + "\", \"at\": " + at + "}")
                .put("output_summary", RESULT)
                .put("status", "success")
                .put("timestamp", Instant.now().minusSeconds(10 - at).toString())
                .encode();
        HttpResponse<String> answer =
                rig.server.post("/api/v1/logs/batch", "agent@default", "{\"entries\": [" + entry + "]}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void who_only_wants_to_know_refuses_nothing() {
        try (ProxyRig warning = ProxyRig.with("{}", Map.of("on-loop", "warn", "loop-ignored-fields", "at"))) {
            ProxyRig before = rig;
            rig = warning;
            try {
                warning.provider.otherwise(OpenAiAnswers.text("I look again."));
                assertThat(new Run("a", "run-1", Way.CHAT).passed(5)).isEqualTo(5);
                assertThat(warning.server.get("/metrics", "viewer@default").body())
                        .containsPattern("(?m)^interlock_loops_total.* 1\\.0$");
            } finally {
                rig = before;
            }
        }
    }

    @Test
    void a_name_of_a_run_that_is_none_is_refused_with_the_reason() {
        HttpResponse<byte[]> refused = new Run("a", "x".repeat(257), Way.CHAT).ask();

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(error(refused).getString("code")).isEqualTo("invalid_execution");
        assertThat(rig.provider.requests()).isEmpty();
    }
}
