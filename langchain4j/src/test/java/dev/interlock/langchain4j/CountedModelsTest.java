package dev.interlock.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.CallUsage;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Retry;
import dev.interlock.StreamLimits;
import dev.interlock.UsageListener;
import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.service.AiServices;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What models used is heard once a call, whole or in pieces, repeated, fallen back, within each other or refused. */
class CountedModelsTest {
    private static final Duration SOON = Duration.ofMillis(1);
    private static final Answer BUSY = OpenAiAnswers.error(500, "server_error", "x");

    private final Fleet fleet = new Fleet();
    private final List<CallUsage> heard = new CopyOnWriteArrayList<>();
    private final UsageListener listener = heard::add;
    private final List<Object> ends = new CopyOnWriteArrayList<>();

    interface Planner {
        String plan(String goal);
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private GuardedChatModel model() {
        return GuardedChatModel.of(fleet.openAi(), fleet.planner).countedBy(listener);
    }

    private GuardedStreamingChatModel streaming() {
        return GuardedStreamingChatModel.of(fleet.openAiStreaming(), fleet.planner)
                .countedBy(listener);
    }

    private void ask(StreamingChatModel model, @Nullable RuntimeException thrownByHandler, boolean cancels) {
        model.chat("Hello", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                if (cancels) {
                    context.streamingHandle().cancel();
                    ends.add("cancelled");
                } else if (thrownByHandler != null) {
                    throw thrownByHandler;
                }
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                ends.add(heard.size() + " before the end of "
                        + response.aiMessage().text());
            }

            @Override
            public void onError(Throwable thrown) {
                ends.add(thrown);
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> !ends.isEmpty());
    }

    static Stream<Arguments> answers() {
        Function<Fleet, ChatModel> openAi = Fleet::openAi;
        Function<Fleet, ChatModel> anthropic = Fleet::anthropic;
        String withCache =
                "{'id':'1','object':'chat.completion','created':1,'model':'fake-1','choices':[{'index':0,'message':{'role':'assistant','content':'a"
                        + " plan'},'finish_reason':'stop'}],'usage':{'prompt_tokens':12,"
                        + "'completion_tokens':5,'total_tokens':17,'prompt_tokens_details':{'cached_tokens':4}}}";
        String besideCache =
                "{'id':'msg_1','type':'message','role':'assistant','model':'fake-1','content':[{'type':'text','text':'a"
                        + " plan'}],'stop_reason':'end_turn','usage':{'input_tokens':8,'cache_read_input_tokens':4,"
                        + "'cache_creation_input_tokens':3,'output_tokens':5}}";
        String silent = "{'id':'1','object':'chat.completion','created':1,'model':'fake-1','choices':[{'index':0,"
                + "'message':{'role':'assistant','content':'a plan'},'finish_reason':'stop'}]}";
        return Stream.of(
                Arguments.of("OpenAI", openAi, OpenAiAnswers.text("a plan"), 12, 5, 0, null),
                Arguments.of("OpenAI, with a cache", openAi, json(withCache), 12, 5, 4, null),
                Arguments.of("OpenAI, without usage", openAi, json(silent), 0, 0, 0, null),
                Arguments.of(
                        "an answer without a word",
                        openAi,
                        OpenAiAnswers.empty(),
                        12,
                        5,
                        0,
                        FailureKind.EMPTY_RESPONSE),
                Arguments.of("an error", openAi, BUSY, 0, 0, 0, FailureKind.SERVER_ERROR),
                Arguments.of("no answer", openAi, Answer.hangUp(), 0, 0, 0, FailureKind.CONNECTION),
                Arguments.of("Anthropic", anthropic, AnthropicAnswers.text("a plan"), 12, 5, 0, null),
                Arguments.of("Anthropic, with a cache", anthropic, json(besideCache), 15, 5, 4, null));
    }

    private static Answer json(String text) {
        return Answer.json(text.replace('\'', '"'));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void a_call_is_heard_once_with_what_its_answer_says(
            String what,
            Function<Fleet, ChatModel> model,
            Answer answer,
            long input,
            long output,
            long cached,
            @Nullable FailureKind kind) {
        fleet.provider.then(answer);
        GuardedChatModel guarded =
                GuardedChatModel.of(model.apply(fleet), fleet.planner).countedBy(listener);
        try {
            guarded.chat("Hello");
        } catch (RuntimeException failed) {
            assertThat(kind).as(what).isNotNull();
        }

        assertThat(heard).singleElement().satisfies(usage -> {
            assertThat(usage.inputTokens()).as("input").isEqualTo(input);
            assertThat(usage.outputTokens()).as("output").isEqualTo(output);
            assertThat(usage.cachedTokens()).as("cached").isEqualTo(cached);
            assertThat(usage.outcome().kind()).isEqualTo(kind);
            assertThat(usage.guard().dependencies()).containsExactly(CircuitId.of("model:fake-1"));
        });
    }

    @Test
    void a_guarded_agent_around_it_counts_nothing_a_second_time() {
        fleet.provider.otherwise(OpenAiAnswers.text("a plan"));
        Planner planner = fleet.circuits
                .guard("planner")
                .proxy(Planner.class, AiServices.create(Planner.class, (ChatModel) model()));

        assertThat(planner.plan("sail")).isEqualTo("a plan");

        assertThat(heard).singleElement().extracting(CallUsage::outputTokens).isEqualTo(5L);
    }

    @Test
    void nor_does_a_guarded_model_around_it() {
        fleet.provider.otherwise(OpenAiAnswers.text("a plan"));
        Guard team = fleet.circuits.guard("team");

        GuardedChatModel.of(model(), team).countedBy(listener).chat("Hello");

        assertThat(heard)
                .singleElement()
                .satisfies(usage -> assertThat(usage.guard().id()).isEqualTo(CircuitId.of("planner")));
    }

    @Test
    void each_attempt_is_a_call() {
        fleet.provider.then(BUSY).then(OpenAiAnswers.text("a plan"));

        model().withRetry(Retry.upTo(3).delays(SOON, SOON)).chat("Hello");

        assertThat(heard).extracting(CallUsage::outputTokens).containsExactly(0L, 5L);
    }

    @Test
    void each_model_that_is_asked_is_a_call_and_one_that_is_refused_is_none() {
        try (FakeProvider second = FakeProvider.start().otherwise(OpenAiAnswers.text("from the second"))) {
            fleet.provider.otherwise(BUSY);
            Guard other = fleet.circuits.guard("planner").dependingOn("model:second");
            ChatModel both = FallbackChatModel.of(
                    model(), GuardedChatModel.of(Fleet.openAi(second), other).countedBy(listener));
            for (int i = 0; i < 4; i++) {
                assertThat(both.chat("Hello")).isEqualTo("from the second");
            }

            assertThat(heard)
                    .as("three of the first, which then is open, and four of the second")
                    .extracting(CallUsage::outputTokens)
                    .containsExactly(0L, 5L, 0L, 5L, 0L, 5L, 5L);
        }
    }

    @Test
    void a_refused_call_is_none() {
        fleet.circuits.override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));

        assertThatThrownBy(() -> model().chat("Hello")).isInstanceOf(CircuitOpenException.class);
        ask(streaming(), null, false);

        assertThat(heard).isEmpty();
        assertThat(fleet.provider.requests()).isEmpty();
    }

    @Test
    void a_stream_is_heard_once_before_its_handler_hears_of_the_end() {
        fleet.provider.then(OpenAiAnswers.stream("a ", "plan"));

        ask(streaming(), null, false);

        assertThat(ends).containsExactly("1 before the end of a plan");
        assertThat(heard).singleElement().satisfies(usage -> {
            assertThat(usage.inputTokens()).isEqualTo(12);
            assertThat(usage.outputTokens()).isEqualTo(5);
        });
    }

    @Test
    void so_is_one_of_another_provider_and_one_within_a_guarded_model() {
        fleet.provider.then(AnthropicAnswers.stream("a ", "plan"));
        StreamingChatModel inner = GuardedStreamingChatModel.of(fleet.anthropicStreaming(), fleet.planner)
                .countedBy(listener);

        ask(GuardedStreamingChatModel.of(inner, fleet.circuits.guard("team")).countedBy(listener), null, false);

        assertThat(heard).singleElement().satisfies(usage -> {
            assertThat(usage.guard().id()).isEqualTo(CircuitId.of("planner"));
            assertThat(usage.inputTokens() + usage.outputTokens()).isEqualTo(17);
        });
    }

    @Test
    void each_attempt_of_a_stream_is_a_call() {
        fleet.provider.then(BUSY).then(Answer.hangUp()).then(OpenAiAnswers.stream("a plan"));

        ask(streaming().withRetry(Retry.upTo(3).delays(SOON, SOON)), null, false);

        assertThat(heard).extracting(CallUsage::outputTokens).containsExactly(0L, 0L, 5L);
    }

    @Test
    void a_stream_that_breaks_stalls_or_is_given_up_is_a_call_of_which_nobody_knows_the_tokens() {
        StreamLimits limits = StreamLimits.none().betweenPieces(Duration.ofMillis(300));
        fleet.provider.then(OpenAiAnswers.pieces("a").thenReset());
        ask(streaming(), null, false);
        ends.clear();
        fleet.provider.then(OpenAiAnswers.pieces("a").thenStalled());
        ask(streaming().withLimits(limits), null, false);
        ends.clear();
        fleet.provider.then(OpenAiAnswers.pieces("a", "b").thenStalled());
        ask(streaming(), null, true);
        ends.clear();
        fleet.provider.then(OpenAiAnswers.stream("a", "b"));
        ask(streaming(), new IllegalStateException("a bug of the handler"), false);

        assertThat(heard)
                .extracting(usage -> usage.outcome().kind())
                .containsExactly(FailureKind.CONNECTION, FailureKind.TIMEOUT, FailureKind.CANCELLED, FailureKind.ERROR);
        assertThat(heard).allSatisfy(usage -> assertThat(usage.inputTokens()).isZero());
    }
}
