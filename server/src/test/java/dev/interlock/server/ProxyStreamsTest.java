package dev.interlock.server;

import static dev.interlock.server.ProxyRig.CHAT;
import static dev.interlock.server.ProxyRig.QUESTION;
import static dev.interlock.server.ProxyRig.error;
import static dev.interlock.server.ProxyRig.text;
import static dev.interlock.server.ProxyRig.upstream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.OpenAiAnswers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams are judged while they run: the first piece, stalls, cuts, errors within, ends without their mark, callers that go. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxyStreamsTest {
    private static final AtomicInteger MODELS = new AtomicInteger();
    private ProxyRig rig;

    @BeforeAll
    void start() {
        String limits = "first-byte: 700ms; idle: 700ms; total: 20s";
        rig = ProxyRig.of(
                "[" + upstream("openai", "{" + limits + "}") + ", "
                        + upstream("claude", "{api: anthropic; models: ['*']; " + limits + "}") + ", "
                        + upstream("hasty", "{total: 900ms}") + "]",
                Map.of());
        for (String kind : new String[] {"model:*", "key:*"}) {
            rig.server.send(
                    "PUT",
                    "/api/v1/policies/" + kind,
                    "admin@default",
                    "{\"failure_threshold\":1,\"failure_rate_threshold\":null,\"min_callers\":1}");
        }
    }

    @AfterAll
    void close() {
        rig.close();
    }

    /** What an upstream does, and what the circuit of the model opens by; null for nothing. */
    static Stream<Arguments> ends() {
        String path = "openai/v1/chat/completions";
        String claude = "claude/v1/messages";
        String responses = "openai/v1/responses";
        return Stream.of(
                Arguments.of("whole", path, OpenAiAnswers.stream("a", "b"), null),
                Arguments.of("no end mark", path, OpenAiAnswers.pieces("a", "b"), "CONNECTION"),
                Arguments.of("cut in a chunk", path, OpenAiAnswers.pieces("a").thenClosedInChunk(), "CONNECTION"),
                Arguments.of("closed", path, OpenAiAnswers.pieces("a").thenClosed(), "CONNECTION"),
                Arguments.of("reset", path, OpenAiAnswers.pieces("a").thenReset(), "CONNECTION"),
                Arguments.of("stall", path, OpenAiAnswers.pieces("a").thenStalled(), "TIMEOUT"),
                Arguments.of("never begins", path, Answer.stall(), "TIMEOUT"),
                Arguments.of("hang-up", path, Answer.hangUp(), "CONNECTION"),
                Arguments.of("nothing", path, Answer.events("[DONE]"), "EMPTY_RESPONSE"),
                Arguments.of("no event", path, Answer.events(), "EMPTY_RESPONSE"),
                Arguments.of(
                        "error within",
                        path,
                        Answer.events(
                                "{\"error\":{\"message\":\"Overloaded\",\"type\":\"engine_overloaded\"}}", "[DONE]"),
                        "OVERLOADED"),
                Arguments.of("text and an error", path, errorAfterText(), "SERVER_ERROR"),
                Arguments.of("whole of Anthropic", claude, AnthropicAnswers.stream("a"), null),
                Arguments.of("no end mark of Anthropic", claude, AnthropicAnswers.pieces("a"), "CONNECTION"),
                Arguments.of(
                        "error within of Anthropic",
                        claude,
                        AnthropicAnswers.pieces("a")
                                .then(Duration.ZERO, AnthropicAnswers.errorEvent("overloaded_error", "Overloaded")),
                        "OVERLOADED"),
                Arguments.of("empty", path, OpenAiAnswers.empty(), null),
                Arguments.of("no choice", path, Answer.json("{\"id\":\"1\",\"choices\":[]}"), "EMPTY_RESPONSE"),
                Arguments.of("no body", path, Answer.json(""), "EMPTY_RESPONSE"),
                Arguments.of("a page", path, Answer.status(200).withBody("<html>Log in</html>"), "SERVER_ERROR"),
                Arguments.of("empty of Anthropic", claude, AnthropicAnswers.empty(), "EMPTY_RESPONSE"),
                Arguments.of("cut body", path, Answer.json("{\"id\":\"half").thenClosed(), "CONNECTION"),
                Arguments.of(
                        "error in a 200",
                        path,
                        Answer.json("{\"error\":{\"message\":\"Oops\",\"type\":\"server_error\"}}"),
                        "SERVER_ERROR"),
                Arguments.of(
                        "responses, whole",
                        responses,
                        responses("response.created", "response.output_text.delta", "response.completed"),
                        null),
                Arguments.of(
                        "responses, cut",
                        responses,
                        responses("response.created", "response.in_progress"),
                        "CONNECTION"),
                Arguments.of(
                        "responses, incomplete", responses, responses("response.created", "response.incomplete"), null),
                Arguments.of("responses, failed", responses, failedResponse(), "RATE_LIMITED"),
                Arguments.of("503", path, OpenAiAnswers.error(503, "engine_overloaded", "Overloaded"), "OVERLOADED"),
                Arguments.of(
                        "refused by nobody of ours",
                        path,
                        Answer.json(424, "{\"error\":{\"code\":\"circuit_open\"}}")
                                .withHeader("interlock-refused", "planner"),
                        null),
                Arguments.of(
                        "503 that says a circuit is open",
                        path,
                        Answer.json(503, "{\"error\":{\"code\":\"circuit_open\"}}"),
                        "OVERLOADED"));
    }

    private static Answer errorAfterText() {
        return Answer.events(OpenAiAnswers.piece("a"))
                .then(Duration.ZERO, "event: error\ndata: {\"message\":\"Oops\",\"type\":\"server_error\"}\n\n");
    }

    private static Answer responses(String... types) {
        Answer answer = Answer.events();
        for (String each : types) {
            answer = answer.then(Duration.ZERO, "event: " + each + "\ndata: {\"type\":\"" + each + "\",\"n\":1}\n\n");
        }
        return answer;
    }

    private static Answer failedResponse() {
        return responses("response.created")
                .then(
                        Duration.ZERO,
                        "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\","
                                + "\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Slow down\"}}}\n\n");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ends")
    void an_upstream_is_judged_by_what_passes(String what, String path, Answer answer, String kind) {
        rig.provider.then(answer);
        String model = "gpt-" + MODELS.incrementAndGet();
        try {
            rig.ask("planner", "/proxy/" + path, QUESTION.replace("gpt-5", model));
        } catch (UncheckedIOException cut) {
            assertThat(kind).as("what broke off has failed: " + cut).isNotNull();
        }
        if (kind == null) {
            assertThat(rig.state("model:" + model)).isEqualTo("closed");
        } else {
            String circuit = kind.equals("RATE_LIMITED") ? "key:openai" : "model:" + model;
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> rig.failures("model:" + model) > 0 || opened(circuit) != null);
            if (opened(circuit) != null) {
                assertThat(opened(circuit)).isEqualToIgnoringCase(kind);
            }
        }
        rig.act("key:openai", "reset");
    }

    private String opened(String circuit) {
        JsonArray moves = new JsonObject(rig.server
                        .get("/api/v1/circuits/" + circuit + "/transitions", "viewer@default")
                        .body())
                .getJsonArray("transitions");
        return moves.isEmpty() ? null : moves.getJsonObject(0).getString("kind");
    }

    @Test
    void a_stall_before_the_answer_is_answered_and_later_breaks_off() {
        rig.provider.then(Answer.stall());
        HttpResponse<byte[]> late = rig.ask("planner", CHAT, QUESTION.replace("gpt-5", "gpt-late"));
        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(error(late).getString("code")).isEqualTo("upstream_failed");

        rig.provider.then(OpenAiAnswers.pieces("a").thenStalled());
        assertThatThrownBy(() -> rig.ask("planner", CHAT, QUESTION.replace("gpt-5", "gpt-stall")))
                .isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void a_stream_that_takes_too_long_in_all_breaks_off() {
        Answer endless = OpenAiAnswers.pieces("a");
        for (int i = 0; i < 40; i++) {
            endless = endless.thenEvent(Duration.ofMillis(100), OpenAiAnswers.piece("b"));
        }
        rig.provider.then(endless);
        assertThatThrownBy(() -> rig.ask(
                        "planner", "/proxy/hasty/v1/chat/completions", QUESTION.replace("gpt-5", "gpt-endless")))
                .isInstanceOf(UncheckedIOException.class);
        await().atMost(Duration.ofSeconds(30)).until(() -> "TIMEOUT".equalsIgnoreCase(opened("model:gpt-endless")));
    }

    @Test
    void pieces_arrive_while_the_stream_runs() throws Exception {
        rig.provider.then(OpenAiAnswers.pieces("first").thenEvent(Duration.ofMillis(400), "[DONE]"));
        try (InputStream in = open("gpt-running")) {
            byte[] begin = in.readNBytes(6);
            assertThat(new String(begin, java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("data: ");
            in.readAllBytes();
        }
        assertThat(rig.state("model:gpt-running")).isEqualTo("closed");
    }

    @Test
    void a_caller_that_goes_away_is_nobodys_failure_and_its_upstream_is_hung_up_on() throws Exception {
        Answer answer = OpenAiAnswers.pieces("first");
        for (int i = 0; i < 200; i++) {
            answer = answer.thenEvent(Duration.ofMillis(100), OpenAiAnswers.piece("more"));
        }
        rig.provider.then(answer);
        InputStream in = open("gpt-left");
        assertThat(in.readNBytes(6)).hasSize(6);
        int under = rig.provider.connections();
        in.close();

        await().atMost(Duration.ofSeconds(30)).until(() -> rig.provider.connections() < under);
        assertThat(rig.state("model:gpt-left")).isEqualTo("closed");
        assertThat(rig.failures("model:gpt-left")).isZero();
        assertThat(rig.failures("planner")).isZero();
    }

    @Test
    void a_caller_that_goes_away_before_the_answer_is_nobodys_failure() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ProxyRig other = ProxyRig.with("{url: http://127.0.0.1:" + silent.getLocalPort() + "}");
                RawConnection raw = new RawConnection(other.server.server().port())) {
            raw.send("POST " + CHAT + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + other.key("planner")
                    + "\r\nContent-Length: " + QUESTION.length() + "\r\n\r\n" + QUESTION);
            try (Socket upstream = silent.accept()) {
                upstream.setSoTimeout(30_000);
                InputStream in = upstream.getInputStream();
                assertThat(in.read()).isEqualTo('P');
                raw.close();
                in.readAllBytes(); // ends, since the proxy hangs up
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> other.agents().contains("model:gpt-5"));
            assertThat(other.failures("model:gpt-5")).isZero();
            assertThat(other.failures("planner")).isZero();
        }
    }

    private InputStream open(String model) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        rig.request(CHAT, rig.key("planner"))
                                .POST(BodyPublishers.ofString(QUESTION.replace("gpt-5", model)))
                                .build(),
                        BodyHandlers.ofInputStream())
                .body();
    }

    @Test
    void what_is_in_a_body_is_passed_on_whatever_it_is() {
        byte[] bytes = new byte[300_000];
        new java.util.Random(7).nextBytes(bytes);
        StringBuilder odd = new StringBuilder("{");
        for (byte each : bytes) {
            odd.append((char) (' ' + (each & 63)));
        }
        rig.provider.then(Answer.json(odd.toString()));
        assertThat(text(rig.ask("planner", CHAT, QUESTION.replace("gpt-5", "gpt-odd"))))
                .isEqualTo(odd.toString());
    }
}
