package dev.interlock.langchain4j;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.StreamLimits;
import dev.interlock.StreamTimeoutException;
import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way in which a stream of a provider ends: exactly one end reaches the handler, and the right one the circuit. */
class GuardedStreamingChatModelTest {
    private static final StreamLimits SHORT = StreamLimits.none().betweenPieces(Duration.ofMillis(300));

    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    /** Keeps what it hears. */
    private static class Hearing implements StreamingChatResponseHandler {
        final List<String> pieces = new CopyOnWriteArrayList<>();
        final List<Object> ends = new CopyOnWriteArrayList<>();

        @Override
        public void onPartialResponse(String piece) {
            pieces.add(piece);
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            ends.add(response);
        }

        @Override
        public void onError(Throwable thrown) {
            ends.add(thrown);
        }
    }

    private static Arguments row(
            String name, Function<Fleet, StreamingChatModel> model, Answer answer, FailureKind kind, Class<?> end) {
        return Arguments.of(name, model, answer, kind, end);
    }

    static Stream<Arguments> ends() {
        Function<Fleet, StreamingChatModel> openAi = Fleet::openAiStreaming;
        Function<Fleet, StreamingChatModel> anthropic = Fleet::anthropicStreaming;
        String serverError = OpenAiAnswers.errorBody("server_error", "x");
        return Stream.of(
                row("OpenAI, whole", openAi, OpenAiAnswers.stream("Hel", "lo"), null, ChatResponse.class),
                row("Anthropic, whole", anthropic, AnthropicAnswers.stream("Hel", "lo"), null, ChatResponse.class),
                row(
                        "OpenAI stalls",
                        openAi,
                        OpenAiAnswers.pieces("Hel").thenStalled(),
                        FailureKind.TIMEOUT,
                        StreamTimeoutException.class),
                row(
                        "Anthropic stalls",
                        anthropic,
                        AnthropicAnswers.pieces("Hel").thenStalled(),
                        FailureKind.TIMEOUT,
                        StreamTimeoutException.class),
                row(
                        "OpenAI, no end mark",
                        openAi,
                        OpenAiAnswers.pieces("Hel"),
                        FailureKind.CONNECTION,
                        ChatResponse.class),
                row(
                        "Anthropic, no end mark",
                        anthropic,
                        AnthropicAnswers.pieces("Hel"),
                        FailureKind.TIMEOUT,
                        StreamTimeoutException.class),
                row(
                        "OpenAI, reset",
                        openAi,
                        OpenAiAnswers.pieces("Hel").thenReset(),
                        FailureKind.CONNECTION,
                        Throwable.class),
                row(
                        "OpenAI, cut",
                        openAi,
                        OpenAiAnswers.pieces("Hel").thenClosedInChunk(),
                        FailureKind.CONNECTION,
                        Throwable.class),
                row(
                        "Anthropic, reset",
                        anthropic,
                        AnthropicAnswers.pieces("Hel").thenReset(),
                        FailureKind.CONNECTION,
                        Throwable.class),
                row(
                        "Anthropic, cut",
                        anthropic,
                        AnthropicAnswers.pieces("Hel").thenClosedInChunk(),
                        FailureKind.CONNECTION,
                        Throwable.class),
                row(
                        "OpenAI, event: error",
                        openAi,
                        OpenAiAnswers.pieces("Hel").then(Duration.ZERO, "event: error\ndata: " + serverError + "\n\n"),
                        FailureKind.SERVER_ERROR,
                        Throwable.class),
                row(
                        "Anthropic, event: error",
                        anthropic,
                        AnthropicAnswers.pieces("Hel")
                                .then(Duration.ZERO, AnthropicAnswers.errorEvent("overloaded_error", "x")),
                        FailureKind.OVERLOADED,
                        Throwable.class),
                row(
                        "OpenAI, error as data",
                        openAi,
                        Answer.events(serverError, "[DONE]"),
                        FailureKind.EMPTY_RESPONSE,
                        ChatResponse.class),
                row("OpenAI, nothing", openAi, Answer.events("[DONE]"), FailureKind.EMPTY_RESPONSE, ChatResponse.class),
                row(
                        "OpenAI 503",
                        openAi,
                        OpenAiAnswers.error(503, "server_error", "x"),
                        FailureKind.OVERLOADED,
                        Throwable.class),
                row("OpenAI hangs up", openAi, Answer.hangUp(), FailureKind.CONNECTION, Throwable.class));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ends")
    void a_stream_ends_once(
            String name, Function<Fleet, StreamingChatModel> model, Answer answer, FailureKind kind, Class<?> end) {
        fleet.provider.then(answer);
        Hearing hearing = new Hearing();

        GuardedStreamingChatModel.of(model.apply(fleet), fleet.planner)
                .withLimits(SHORT)
                .chat("Hello", hearing);

        await().until(() -> !hearing.ends.isEmpty());
        assertThat(fleet.firstKind()).as(name).isEqualTo(kind);
        // what the model reports beyond its end comes with the next stream at the latest
        fleet.provider.then(OpenAiAnswers.stream("Hi"));
        Hearing next = new Hearing();
        GuardedStreamingChatModel.of(fleet.openAiStreaming(), fleet.planner).chat("Hello", next);
        await().until(() -> !next.ends.isEmpty());
        assertThat(hearing.ends).as(name).hasSize(1);
        assertThat(hearing.ends.get(0)).isInstanceOf(end);
        assertThat(fleet.agent().figures().failures()).isZero();
    }

    @Test
    void a_refusal_reaches_the_handler_and_nobody_is_called() {
        fleet.provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        StreamingChatModel guarded = GuardedStreamingChatModel.of(fleet.openAiStreaming(), fleet.planner);
        for (int i = 0; i < 3; i++) {
            Hearing hearing = new Hearing();
            guarded.chat("Hello", hearing);
            await().until(() -> !hearing.ends.isEmpty());
        }
        Hearing refused = new Hearing();

        guarded.chat("Hello", refused);

        assertThat(refused.ends).hasSize(1);
        assertThat(refused.ends.get(0)).isInstanceOf(CircuitOpenException.class);
        assertThat(fleet.model()).isOpen();
        assertThat(fleet.provider.requests()).hasSize(3);
    }

    static Stream<Arguments> rateLimits() {
        Function<Fleet, StreamingChatModel> openAi = Fleet::openAiStreaming;
        Function<Fleet, StreamingChatModel> anthropic = Fleet::anthropicStreaming;
        return Stream.of(
                Arguments.of(openAi, OpenAiAnswers.error(429, "rate_limit", "x")),
                Arguments.of(anthropic, AnthropicAnswers.error(429, "rate_limit_error", "x")));
    }

    /** The answer comes on a thread of the client, and its headers with it. */
    @ParameterizedTest
    @MethodSource("rateLimits")
    void the_wait_that_a_provider_asks_for_reaches_the_circuit(
            Function<Fleet, StreamingChatModel> model, Answer limited) {
        fleet.provider.otherwise(limited.withRetryAfter(Duration.ofSeconds(100)));
        StreamingChatModel guarded = GuardedStreamingChatModel.of(model.apply(fleet), fleet.planner);
        Hearing limit = new Hearing();
        guarded.chat("Hello", limit);
        await().until(() -> !limit.ends.isEmpty());
        Hearing refused = new Hearing();

        guarded.chat("Hello", refused);

        assertThat(((CircuitOpenException) refused.ends.get(0)).retryAfter()).isGreaterThan(Duration.ofSeconds(90));
        assertThat(fleet.provider.requests()).hasSize(1);
    }

    static Stream<Arguments> providers() {
        Function<Fleet, StreamingChatModel> openAi = Fleet::openAiStreaming;
        Function<Fleet, StreamingChatModel> anthropic = Fleet::anthropicStreaming;
        return Stream.of(
                Arguments.of(openAi, OpenAiAnswers.stream("Hel", "lo", "!"), OpenAiAnswers.pieces("Hel")),
                Arguments.of(anthropic, AnthropicAnswers.stream("Hel", "lo", "!"), AnthropicAnswers.pieces("Hel")));
    }

    @ParameterizedTest
    @MethodSource("providers")
    void what_the_consumer_throws_is_the_agents_failure(
            Function<Fleet, StreamingChatModel> model, Answer whole, Answer begun) {
        fleet.provider.then(whole);
        Hearing hearing = new Hearing() {
            @Override
            public void onPartialResponse(String piece) {
                super.onPartialResponse(piece);
                throw new IllegalStateException("a bug of the agent");
            }
        };

        GuardedStreamingChatModel.of(model.apply(fleet), fleet.planner).chat("Hello", hearing);

        await().until(() -> !hearing.ends.isEmpty());
        assertThat(hearing.pieces).containsExactly("Hel");
        assertThat(hearing.ends).hasSize(1);
        assertThat(hearing.ends.get(0)).isInstanceOf(IllegalStateException.class);
        assertThat(fleet.agent()).hasCounted(1, 1);
        assertThat(fleet.model()).hasCounted(0, 0);
    }

    @ParameterizedTest
    @MethodSource("providers")
    void a_consumer_that_wants_no_more_says_nothing_of_anybody(
            Function<Fleet, StreamingChatModel> model, Answer whole, Answer begun) {
        fleet.provider.then(begun.thenStalled());
        Hearing hearing = new Hearing() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                context.streamingHandle().cancel();
                pieces.add(String.valueOf(context.streamingHandle().isCancelled()));
            }
        };

        GuardedStreamingChatModel.of(model.apply(fleet), fleet.planner).chat("Hello", hearing);

        await().until(() -> !hearing.pieces.isEmpty());
        assertThat(hearing.pieces).containsExactly("true");
        assertThat(hearing.ends).isEmpty();
        assertThat(fleet.model()).hasCounted(0, 0);
        assertThat(fleet.agent()).hasCounted(0, 0);
    }

    @Test
    void a_provider_without_finish_reasons_can_be_named_one() {
        fleet.provider.then(OpenAiAnswers.pieces("Hello"));
        Hearing hearing = new Hearing();

        GuardedStreamingChatModel.of(fleet.openAiStreaming(), fleet.planner)
                .withoutFinishReasons()
                .chat("Hello", hearing);

        await().until(() -> !hearing.ends.isEmpty());
        assertThat(fleet.model()).hasCounted(1, 0);
    }

    /** A method that a release adds would be answered by its default, past the permit. */
    @Test
    void every_method_of_a_handler_is_overridden() throws ReflectiveOperationException {
        for (Class<?> type :
                List.of(GuardedHandler.class, Class.forName(FallbackStreamingChatModel.class.getName() + "$First"))) {
            for (Method each : StreamingChatResponseHandler.class.getMethods()) {
                assertThat(type.getMethod(each.getName(), each.getParameterTypes())
                                .getDeclaringClass())
                        .as("%s of %s", each, type)
                        .isEqualTo(type);
            }
        }
    }
}
