package dev.interlock.springai;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Retry;
import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.OpenAiAnswers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.client.advisor.StructuredOutputValidationAdvisor;
import org.springframework.ai.chat.client.advisor.ToolCallingAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.model.tool.DefaultToolCallingManager;
import org.springframework.ai.model.tool.ToolCallLimitExceededException;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.model.tool.ToolExecutionResult;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;

/** What each answer of a provider is for the circuits, and which calls are one. */
class GuardedModelAdvisorTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    static final class Search {
        @Tool
        String search(@ToolParam String words) {
            return "found " + words;
        }
    }

    record Plan(String goal) {}

    private ChatClient client(ChatModel model) {
        return Fleet.client(model, GuardedModelAdvisor.of(fleet.planner));
    }

    static Stream<Arguments> answers() {
        Function<Fleet, ChatModel> openAi = Fleet::openAi;
        Function<Fleet, ChatModel> anthropic = Fleet::anthropic;
        return Stream.of(
                Arguments.of("OpenAI, text", openAi, OpenAiAnswers.text("Hello"), null),
                Arguments.of("Anthropic, text", anthropic, AnthropicAnswers.text("Hello"), null),
                Arguments.of("OpenAI, empty", openAi, OpenAiAnswers.empty(), FailureKind.EMPTY_RESPONSE),
                Arguments.of("Anthropic, empty", anthropic, AnthropicAnswers.empty(), FailureKind.EMPTY_RESPONSE),
                Arguments.of("OpenAI, filtered", openAi, OpenAiAnswers.filtered(), FailureKind.CONTENT_FILTERED),
                // Spring AI drops the reason of an answer without content.
                Arguments.of("Anthropic, refused", anthropic, AnthropicAnswers.refused(), FailureKind.EMPTY_RESPONSE),
                Arguments.of(
                        "OpenAI 429",
                        openAi,
                        OpenAiAnswers.error(429, "rate_limit_exceeded", "x").withRetryAfter(Duration.ofSeconds(7)),
                        FailureKind.RATE_LIMITED),
                Arguments.of(
                        "OpenAI, no quota",
                        openAi,
                        OpenAiAnswers.error(429, "insufficient_quota", "x"),
                        FailureKind.QUOTA_EXHAUSTED),
                Arguments.of(
                        "Anthropic 529",
                        anthropic,
                        AnthropicAnswers.error(529, "overloaded_error", "x"),
                        FailureKind.OVERLOADED),
                Arguments.of("OpenAI, HTML", openAi, Answer.status(200).withBody("<html>"), FailureKind.SERVER_ERROR),
                Arguments.of("OpenAI hangs up", openAi, Answer.hangUp(), FailureKind.CONNECTION));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void an_answer_counts(String name, Function<Fleet, ChatModel> model, Answer answer, @Nullable FailureKind kind) {
        fleet.provider.then(answer);

        Throwable thrown = catchThrowable(
                () -> client(model.apply(fleet)).prompt("Hello").call().content());

        assertThat(fleet.firstKind()).as(name + ": " + thrown).isEqualTo(kind);
        assertThat(fleet.agent().figures().failures()).as(name).isZero();
    }

    @Test
    void a_wait_that_the_provider_names_is_the_cooldown() {
        fleet.provider.otherwise(
                OpenAiAnswers.error(429, "rate_limit_exceeded", "x").withRetryAfter(Duration.ofSeconds(42)));

        assertThatThrownBy(() -> client(fleet.openAi()).prompt("Hello").call().content())
                .isNotInstanceOf(CircuitOpenException.class);

        assertThatThrownBy(() -> client(fleet.openAi()).prompt("Hello").call().content())
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(refused.retryAfter())
                                .isBetween(Duration.ofSeconds(12), Duration.ofSeconds(51)));
        assertThat(fleet.provider.requests()).hasSize(1);
    }

    /** The agent's advisor is before that of the tools, the model's behind. */
    @Test
    void a_conversation_with_a_tool_is_one_call_of_the_agent_and_two_of_the_model() {
        List<Integer> used = new ArrayList<>();
        fleet.provider.then(OpenAiAnswers.toolCall("search", "{\"words\": \"tides\"}"));
        fleet.provider.then(OpenAiAnswers.text("High at six."));
        ChatClient client = ChatClient.builder(fleet.openAi())
                .defaultAdvisors(
                        GuardedModelAdvisor.of(fleet.circuits.guard("other").dependingOn("model:fake-1"))
                                .withUsage(usage -> used.add(usage.getTotalTokens())),
                        GuardedAgentAdvisor.of(fleet.agent))
                .defaultTools((Object[]) ToolCallbacks.from(new Search()))
                .build();

        assertThat(client.prompt("tides").call().content()).isEqualTo("High at six.");

        assertThat(fleet.agent()).hasCounted(1, 0);
        assertThat(fleet.model()).hasCounted(2, 0);
        assertThat(used)
                .as("each round once, though Spring AI adds them up outside")
                .containsExactly(17, 17);
    }

    @Test
    void what_is_refused_is_not_remembered() {
        fleet.provider.otherwise(OpenAiAnswers.text("Hello"));
        ChatMemory memory = MessageWindowChatMemory.builder().build();
        ChatClient client = Fleet.client(
                fleet.openAi(),
                MessageChatMemoryAdvisor.builder(memory).build(),
                GuardedAgentAdvisor.of(fleet.agent),
                GuardedModelAdvisor.of(fleet.planner));
        Supplier<String> asks = () -> client.prompt("Hello")
                .advisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, "1"))
                .call()
                .content();

        assertThat(asks.get()).isEqualTo("Hello");
        fleet.circuits.override(fleet.agent.id(), ManualOverride.of(OverrideAction.OPEN, "ann"));
        assertThatThrownBy(asks::get).isInstanceOf(CircuitOpenException.class);

        assertThat(memory.get("1")).as("a question and its answer").hasSize(2);
    }

    /** Spring AI answers in the model's place then; who calls tools by a manager of his own gets it thrown. */
    @Test
    void an_agent_that_calls_its_tools_too_often_is_in_a_loop() {
        for (int i = 0; i < 3; i++) {
            fleet.provider.then(OpenAiAnswers.toolCall("search", "{\"words\": \"tides\"}"));
        }
        ToolCallingManager twice =
                DefaultToolCallingManager.builder().maxCallsPerTool(2).build();
        ChatClient client = ChatClient.builder(fleet.openAi())
                .defaultAdvisors(
                        GuardedAgentAdvisor.of(fleet.agent),
                        ToolCallingAdvisor.builder().toolCallingManager(twice).build(),
                        GuardedModelAdvisor.of(fleet.circuits.guard("other").dependingOn("model:fake-1")))
                .defaultTools((Object[]) ToolCallbacks.from(new Search()))
                .build();

        assertThat(client.prompt("tides").call().content()).isNotEmpty();

        assertThat(fleet.agent()).isOpen().wasOpenedBy(FailureKind.LOOP);
        assertThat(fleet.model()).isClosed().hasCounted(3, 0);
        ToolExecutionResult found =
                ToolExecutionResult.builder().conversationHistory(List.of()).build();
        assertThat(FailureClassifier.standard()
                        .ofException(new ToolCallLimitExceededException("search", 2, found))
                        .kind())
                .isEqualTo(FailureKind.LOOP);
    }

    @Test
    void a_stream_reports_its_usage_once() {
        List<Integer> used = new ArrayList<>();
        fleet.provider.then(AnthropicAnswers.stream("Hel", "lo"));

        Fleet.client(fleet.anthropic(), GuardedModelAdvisor.of(fleet.planner).withUsage((Usage usage) -> {
                    used.add(usage.getCompletionTokens());
                    throw new IllegalStateException("a bug of the listener");
                }))
                .prompt("Hello")
                .stream()
                .content()
                .blockLast(LONG);

        assertThat(used).containsExactly(5);
        assertThat(fleet.model()).hasCounted(1, 0);
    }

    @Test
    void a_validation_that_asks_again_makes_a_call_of_the_model() {
        fleet.provider.then(OpenAiAnswers.text("no JSON"));
        fleet.provider.then(OpenAiAnswers.text("{\"goal\": \"sail\"}"));
        ChatClient client = Fleet.client(
                fleet.openAi(),
                GuardedAgentAdvisor.of(fleet.agent),
                GuardedModelAdvisor.of(fleet.circuits.guard("other").dependingOn("model:fake-1")),
                StructuredOutputValidationAdvisor.builder()
                        .outputType(Plan.class)
                        .maxRepeatAttempts(2)
                        .build());

        assertThat(client.prompt("Hello").call().entity(Plan.class)).isEqualTo(new Plan("sail"));

        assertThat(fleet.model()).hasCounted(2, 0);
        assertThat(fleet.agent()).hasCounted(1, 0);
    }

    @Test
    void a_retry_asks_for_a_permit_of_its_own() {
        fleet.provider.then(OpenAiAnswers.error(503, "server_error", "x"));
        fleet.provider.otherwise(OpenAiAnswers.text("Hello"));

        String answer = Fleet.client(
                        fleet.openAi(),
                        GuardedModelAdvisor.of(fleet.planner)
                                .withRetry(Retry.upTo(2).delays(Duration.ofMillis(1), Duration.ofMillis(1))))
                .prompt("Hello")
                .call()
                .content();

        assertThat(answer).isEqualTo("Hello");
        assertThat(fleet.model()).hasCounted(2, 1);
    }

    /**
     * The agent's circuit has a place for one trial, which the whole conversation takes: its rounds and its tool, on threads
     * of their own, run in that place.
     */
    @Test
    void the_rounds_of_a_stream_run_within_the_trial_of_their_agent() {
        CircuitBreakerConfig oneTrial = CircuitBreakerConfig.builder()
                .minCallers(1)
                .cooldown(Duration.ofMillis(1))
                .halfOpenMaxRequests(2)
                .trialsAtOnce(1)
                .successThreshold(1)
                .build();
        try (Fleet half = new Fleet(oneTrial)) {
            half.circuits.getOrCreate(half.agent.id()).override(ManualOverride.of(OverrideAction.OPEN, "ann"));
            half.provider.then(toolCallInPieces());
            half.provider.then(OpenAiAnswers.stream("High ", "at six."));
            ChatClient client = ChatClient.builder(half.openAi())
                    .defaultAdvisors(GuardedAgentAdvisor.of(half.agent), GuardedModelAdvisor.of(half.planner))
                    .defaultTools((Object[]) GuardedTools.of(half.agent, ToolCallbacks.from(new Search())))
                    .build();

            List<String> pieces =
                    client.prompt("tides").stream().content().collectList().block(LONG);

            assertThat(String.join("", pieces)).isEqualTo("High at six.");
            assertThat(half.provider.requests().get(1).body()).contains("found tides");
            assertThat(half.agent()).isClosed();
        }
    }

    private static Answer toolCallInPieces() {
        String head =
                "{\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"fake-1\",\"choices\":"
                        + "[{\"index\":0,\"delta\":";
        String call = "{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\","
                + "\"function\":{\"name\":\"search\",\"arguments\":\"{\\\"words\\\": \\\"tides\\\"}\"}}]}";
        return Answer.events(
                head + call + ",\"finish_reason\":null}]}", head + "{},\"finish_reason\":\"tool_calls\"}]}", "[DONE]");
    }

    @Test
    void what_a_model_fails_with_counts_at_the_model_and_not_at_its_agent() {
        fleet.provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        ChatClient client = Fleet.client(
                fleet.openAi(), GuardedAgentAdvisor.of(fleet.agent), GuardedModelAdvisor.of(fleet.planner));

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> client.prompt("Hello").call().content()).hasMessageContaining("500");
        }
        assertThatThrownBy(() -> client.prompt("Hello").stream().content().blockLast(LONG))
                .hasMessageContaining("500");

        assertThat(fleet.model()).isOpen().hasCounted(3, 3);
        assertThat(fleet.agent()).isClosed();
        assertThat(fleet.agent().figures().failures()).isZero();
    }
}
