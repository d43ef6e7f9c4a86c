package dev.interlock.langchain4j;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FallbackModelsTest {
    private final Fleet fleet = new Fleet();
    private final FakeProvider second = FakeProvider.start().otherwise(OpenAiAnswers.text("from the second"));
    private final Guard other = fleet.circuits.guard("planner").dependingOn("model:other");

    @AfterEach
    void close() {
        second.close();
        fleet.close();
    }

    private ChatModel models() {
        return FallbackChatModel.of(
                GuardedChatModel.of(fleet.openAi(), fleet.planner), GuardedChatModel.of(Fleet.openAi(second), other));
    }

    @Test
    void the_second_answers_for_a_first_that_fails_and_then_is_open() {
        fleet.provider.otherwise(OpenAiAnswers.error(503, "server_error", "x"));
        ChatModel models = models();

        for (int i = 0; i < 5; i++) {
            assertThat(models.chat("Hello")).isEqualTo("from the second");
        }

        assertThat(fleet.model()).isOpen();
        assertThat(fleet.provider.requests())
                .as("open ones are skipped without a call")
                .hasSize(3);
        assertThat(second.requests()).hasSize(5);
        assertThat(fleet.agent()).isClosed();
    }

    @Test
    void the_first_answers_alone_as_long_as_it_can() {
        fleet.provider.otherwise(OpenAiAnswers.text("from the first"));

        assertThat(models().chat("Hello")).isEqualTo("from the first");

        assertThat(second.requests()).isEmpty();
    }

    @Test
    void a_mistake_of_the_caller_is_not_tried_elsewhere() {
        fleet.provider.otherwise(OpenAiAnswers.error(400, "invalid_request_error", "x"));

        assertThat(catchThrowable(() -> models().chat("Hello"))).isNotNull();

        assertThat(second.requests()).isEmpty();
    }

    @Test
    void the_last_ones_failure_is_thrown_with_the_others_behind_it() {
        fleet.provider.otherwise(OpenAiAnswers.error(503, "server_error", "first"));
        second.otherwise(OpenAiAnswers.error(500, "server_error", "second"));

        assertThatThrownBy(() -> models().chat("Hello"))
                .hasMessageContaining("second")
                .satisfies(thrown -> assertThat(thrown.getSuppressed()[0]).hasMessageContaining("first"));
    }

    @Test
    void kinds_can_be_chosen() {
        fleet.provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        ChatModel models = FallbackChatModel.of(
                        GuardedChatModel.of(fleet.openAi(), fleet.planner),
                        GuardedChatModel.of(Fleet.openAi(second), other))
                .after(Set.of(FailureKind.RATE_LIMITED));

        assertThat(catchThrowable(() -> models.chat("Hello"))).isNotNull();

        assertThat(second.requests()).isEmpty();
    }

    record City(String name) {}

    interface Geographer {
        City capitalOf(String country);
    }

    private static OpenAiChatModel reading(FakeProvider provider, Capability... capabilities) {
        return OpenAiChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1")
                .maxRetries(0)
                .supportedCapabilities(Set.of(capabilities))
                .strictJsonSchema(true)
                .build();
    }

    /**
     * The model that answers must understand what was asked: without the schema the question says in words what is
     * wanted.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_service_sends_its_schema_if_all_of_the_models_take_one(boolean allDo) {
        fleet.provider.otherwise(OpenAiAnswers.error(503, "server_error", "x"));
        second.otherwise(OpenAiAnswers.text("{\"name\": \"Lima\"}"));
        Capability[] ofSecond = allDo ? new Capability[] {Capability.RESPONSE_FORMAT_JSON_SCHEMA} : new Capability[0];
        ChatModel models = FallbackChatModel.of(
                GuardedChatModel.of(reading(fleet.provider, Capability.RESPONSE_FORMAT_JSON_SCHEMA), fleet.planner),
                GuardedChatModel.of(reading(second, ofSecond), other));

        City city = AiServices.create(Geographer.class, models).capitalOf("Peru");

        assertThat(city).isEqualTo(new City("Lima"));
        assertThat(second.requests().get(0).body().contains("json_schema")).isEqualTo(allDo);
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

    private Hearing stream() {
        return stream(new Hearing());
    }

    private Hearing stream(Hearing hearing) {
        StreamingChatModel models = FallbackStreamingChatModel.of(
                GuardedStreamingChatModel.of(fleet.openAiStreaming(), fleet.planner),
                GuardedStreamingChatModel.of(Fleet.openAiStreaming(second), other));
        models.chat("Hello", hearing);
        await().until(() -> !hearing.ends.isEmpty());
        return hearing;
    }

    @Test
    void a_stream_goes_on_at_the_second_before_its_first_piece() {
        fleet.provider.otherwise(OpenAiAnswers.error(503, "server_error", "x"));
        second.otherwise(OpenAiAnswers.stream("from ", "the second"));

        Hearing hearing = stream();

        assertThat(hearing.pieces).containsExactly("from ", "the second");
        assertThat(hearing.ends).hasSize(1);
        assertThat(hearing.ends.get(0)).isInstanceOf(ChatResponse.class);
        assertThat(fleet.circuits.snapshot(CircuitId.of("model:other"))).hasCounted(1, 0);
    }

    @Test
    void a_stream_that_has_begun_is_not_begun_again() {
        fleet.provider.otherwise(OpenAiAnswers.pieces("half").thenStalled());

        Hearing hearing = stream(new Hearing() {
            @Override
            public void onPartialResponse(String piece) {
                super.onPartialResponse(piece);
                fleet.provider.close(); // not before: a client forgets what it has received when the connection breaks
            }
        });

        assertThat(hearing.pieces).containsExactly("half");
        assertThat(hearing.ends).hasSize(1);
        assertThat(hearing.ends.get(0)).isInstanceOf(Throwable.class);
        assertThat(second.requests()).isEmpty();
    }

    @Test
    void all_that_hang_up_end_with_the_last() {
        fleet.provider.otherwise(Answer.hangUp());
        second.otherwise(Answer.hangUp());

        assertThat(stream().ends).hasSize(1);
    }
}
