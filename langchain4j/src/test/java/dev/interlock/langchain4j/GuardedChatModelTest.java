package dev.interlock.langchain4j;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Retry;
import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.output.OutputParsingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GuardedChatModelTest {
    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    /** Asks it, whatever becomes of that. */
    private static void fails(ChatModel model) {
        try {
            model.chat("Hello");
        } catch (RuntimeException thrown) {
            assertThat(thrown).isNotInstanceOf(CircuitOpenException.class);
        }
    }

    private static Arguments row(String name, Function<Fleet, ChatModel> model, Answer answer, FailureKind kind) {
        return Arguments.of(name, model, answer, kind);
    }

    static Stream<Arguments> failures() {
        Function<Fleet, ChatModel> openAi = Fleet::openAi;
        Function<Fleet, ChatModel> anthropic = Fleet::anthropic;
        return Stream.of(
                row("OpenAI 500", openAi, OpenAiAnswers.error(500, "server_error", "x"), FailureKind.SERVER_ERROR),
                row("OpenAI 503", openAi, OpenAiAnswers.error(503, "server_error", "x"), FailureKind.OVERLOADED),
                row("OpenAI 429", openAi, OpenAiAnswers.error(429, "rate_limit", "x"), FailureKind.RATE_LIMITED),
                row("quota", openAi, OpenAiAnswers.error(429, "insufficient_quota", "x"), FailureKind.QUOTA_EXHAUSTED),
                row("hang up", openAi, Answer.hangUp(), FailureKind.CONNECTION),
                row("empty", openAi, OpenAiAnswers.empty(), FailureKind.EMPTY_RESPONSE),
                row("filtered", openAi, OpenAiAnswers.filtered(), FailureKind.CONTENT_FILTERED),
                row(
                        "error in a 200",
                        openAi,
                        Answer.json(OpenAiAnswers.errorBody("server_error", "x")),
                        FailureKind.SERVER_ERROR),
                row("HTML in a 200", openAi, Answer.status(200).withBody("<html>"), FailureKind.SERVER_ERROR),
                row(
                        "Anthropic 529",
                        anthropic,
                        AnthropicAnswers.error(529, "overloaded_error", "x"),
                        FailureKind.OVERLOADED),
                row("Anthropic empty", anthropic, AnthropicAnswers.empty(), FailureKind.EMPTY_RESPONSE),
                row("Anthropic HTML", anthropic, Answer.status(200).withBody("<html>"), FailureKind.SERVER_ERROR));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void what_a_provider_answers_counts_at_the_model(
            String name, Function<Fleet, ChatModel> model, Answer answer, FailureKind kind) {
        fleet.provider.otherwise(answer);
        ChatModel guarded = GuardedChatModel.of(model.apply(fleet), fleet.planner);

        fails(guarded);

        assertThat(fleet.firstKind()).as(name).isEqualTo(kind);
        assertThat(fleet.agent().figures().failures()).isZero();
        assertThat(fleet.provider.requests()).hasSize(1);
    }

    @Test
    void good_answers_and_calls_of_tools_are_successes() {
        fleet.provider.then(OpenAiAnswers.text("Hi")).then(OpenAiAnswers.toolCall("search", "{}"));
        ChatModel guarded = GuardedChatModel.of(fleet.openAi(), fleet.planner);

        assertThat(guarded.chat("Hello")).isEqualTo("Hi");
        guarded.chat("Search");

        assertThat(fleet.model()).hasCounted(2, 0);
        assertThat(fleet.agent()).hasCounted(2, 0);
    }

    @Test
    void a_model_that_is_open_is_not_called() {
        fleet.provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        ChatModel guarded = GuardedChatModel.of(fleet.openAi(), fleet.planner);
        for (int i = 0; i < 3; i++) {
            fails(guarded);
        }

        assertThatThrownBy(() -> guarded.chat("Hello")).isInstanceOf(CircuitOpenException.class);

        assertThat(fleet.model()).isOpen().wasOpenedBy(FailureKind.SERVER_ERROR);
        assertThat(fleet.agent()).isClosed();
        assertThat(fleet.provider.requests()).hasSize(3);
    }

    @Test
    void the_wait_that_a_provider_asks_for_reaches_the_circuit() {
        fleet.provider.otherwise(OpenAiAnswers.error(429, "rate_limit", "x").withRetryAfter(Duration.ofSeconds(100)));
        ChatModel guarded = GuardedChatModel.of(fleet.openAi(), fleet.planner);
        fails(guarded); // a rate limit opens at once

        Throwable refused = catchThrowable(() -> guarded.chat("Hello"));

        assertThat(((CircuitOpenException) refused).retryAfter()).isGreaterThan(Duration.ofSeconds(90));
    }

    @Test
    void each_retry_asks_for_a_permit() {
        fleet.provider
                .then(OpenAiAnswers.error(503, "server_error", "x"))
                .then(Answer.hangUp())
                .then(OpenAiAnswers.text("Hi"));
        ChatModel guarded = GuardedChatModel.of(fleet.openAi(), fleet.planner)
                .withRetry(Retry.upTo(3).delays(Duration.ofMillis(1), Duration.ofMillis(1)));

        assertThat(guarded.chat("Hello")).isEqualTo("Hi");

        assertThat(fleet.model()).hasCounted(3, 2);
    }

    @Test
    void it_is_what_the_model_is_and_its_listeners_hear_once() {
        List<Object> heard = new ArrayList<>();
        ChatModelListener listener = new ChatModelListener() {
            @Override
            public void onRequest(ChatModelRequestContext context) {
                heard.add(context.attributes().get("run"));
            }
        };
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(fleet.provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1")
                .maxRetries(0)
                .supportedCapabilities(Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA))
                .listeners(List.of(listener))
                .build();
        ChatModel guarded = GuardedChatModel.of(model, fleet.planner);
        fleet.provider.otherwise(OpenAiAnswers.text("Hi"));

        guarded.chat(
                dev.langchain4j.model.chat.request.ChatRequest.builder()
                        .messages(dev.langchain4j.data.message.UserMessage.from("Hello"))
                        .build(),
                ChatRequestOptions.builder().addListenerAttribute("run", 7).build());

        assertThat(heard).containsExactly(7);
        assertThat(guarded.supportedCapabilities()).isEqualTo(model.supportedCapabilities());
        assertThat(guarded.defaultRequestParameters()).isEqualTo(model.defaultRequestParameters());
        assertThat(guarded.provider()).isEqualTo(model.provider());
        assertThat(guarded.listeners()).isEqualTo(model.listeners());
    }

    record City(String name) {}

    interface Geographer {
        City capitalOf(String country);
    }

    /** The model wrote it, and wrote it well enough for its provider: the guard around the service sees that it cannot be read. */
    @Test
    void what_a_service_cannot_read_is_its_agents_and_not_the_models() {
        fleet.provider.otherwise(OpenAiAnswers.text("no JSON"));
        Geographer geographer = fleet.circuits
                .guard("planner")
                .proxy(
                        Geographer.class,
                        AiServices.create(Geographer.class, GuardedChatModel.of(fleet.openAi(), fleet.planner)));

        assertThatThrownBy(() -> geographer.capitalOf("Peru")).isInstanceOf(OutputParsingException.class);

        assertThat(fleet.kinds("planner")).containsOnlyOnce(FailureKind.MALFORMED_OUTPUT);
        assertThat(fleet.model()).hasCounted(1, 0);
        assertThat(fleet.agent().figures().failures()).isEqualTo(1);
    }

    /** Behind a wrapper that forwards nothing the schema is dropped without a word. */
    @Test
    void a_service_sends_its_schema_through_it() {
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(fleet.provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1")
                .maxRetries(0)
                .supportedCapabilities(Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA))
                .strictJsonSchema(true)
                .build();
        fleet.provider.otherwise(OpenAiAnswers.text("{\"name\": \"Lima\"}"));

        City city = AiServices.create(Geographer.class, GuardedChatModel.of(model, fleet.planner))
                .capitalOf("Peru");

        assertThat(city).isEqualTo(new City("Lima"));
        assertThat(fleet.provider.requests().get(0).body()).contains("json_schema");
    }
}
