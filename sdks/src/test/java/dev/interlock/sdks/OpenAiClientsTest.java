package dev.interlock.sdks;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** openai-java, which Spring AI uses too, and LangChain4j's own client of the same API. */
class OpenAiClientsTest {
    private final FakeProvider provider = FakeProvider.start();

    @AfterEach
    void stop() {
        provider.close();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("429, rate", error(429, "rate_limit_exceeded", "Slow down"), FailureKind.RATE_LIMITED),
                Arguments.of(
                        "429, quota",
                        error(429, "insufficient_quota", "You exceeded your current quota"),
                        FailureKind.QUOTA_EXHAUSTED),
                Arguments.of("429 alone", Answer.json(429, "{}"), FailureKind.RATE_LIMITED),
                Arguments.of("402", Answer.json(402, "{\"error\":{\"message\":\"pay\"}}"), FailureKind.QUOTA_EXHAUSTED),
                Arguments.of("401", error(401, "invalid_api_key", "Incorrect API key"), FailureKind.AUTHENTICATION),
                Arguments.of("403", error(403, "unsupported_country", "Not here"), FailureKind.FORBIDDEN),
                Arguments.of("404, model", error(404, "model_not_found", "No such model"), FailureKind.MODEL_NOT_FOUND),
                Arguments.of("404 alone", Answer.json(404, "{}"), FailureKind.INVALID_REQUEST),
                Arguments.of("400", error(400, "invalid_value", "Bad parameter"), FailureKind.INVALID_REQUEST),
                Arguments.of(
                        "400, context",
                        error(400, "context_length_exceeded", "This model's maximum context length is 8192 tokens"),
                        FailureKind.CONTEXT_LENGTH),
                Arguments.of(
                        "400, filter",
                        error(400, "content_filter", "The response was filtered"),
                        FailureKind.CONTENT_FILTERED),
                Arguments.of("500", error(500, "server_error", "Oops"), FailureKind.SERVER_ERROR),
                Arguments.of("502", Answer.status(502).withBody("<html>Bad gateway</html>"), FailureKind.SERVER_ERROR),
                Arguments.of("503", error(503, "engine_overloaded", "Overloaded"), FailureKind.OVERLOADED),
                Arguments.of("529", Answer.json(529, "{}"), FailureKind.OVERLOADED),
                Arguments.of("hang-up", Answer.hangUp(), FailureKind.CONNECTION),
                Arguments.of("reset", Answer.reset(), FailureKind.CONNECTION),
                Arguments.of("cut off", Answer.json("{\"id\":\"half").thenClosed(), FailureKind.CONNECTION),
                Arguments.of("stall", Answer.stall(), FailureKind.TIMEOUT),
                Arguments.of(
                        "refused by one of ours",
                        Answer.json(424, "{\"error\":{\"code\":\"circuit_open\",\"message\":\"model:m is open\"}}"),
                        FailureKind.DOWNSTREAM_OPEN));
    }

    private static Answer error(int status, String code, String message) {
        return Answer.json(
                status,
                "{\"error\":{\"message\":\"" + message + "\",\"type\":\"" + code + "\",\"param\":null,\"code\":\""
                        + code + "\"}}");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void of_openai_java(String what, Answer answer, FailureKind kind) {
        provider.otherwise(answer);

        assertThat(openAi().kind()).isEqualTo(kind);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void of_LangChain4j(String what, Answer answer, FailureKind kind) {
        provider.otherwise(answer);

        assertThat(langChain().kind()).isEqualTo(kind);
    }

    @Test
    void waits_come_with_the_failure() {
        provider.otherwise(error(429, "rate_limit_exceeded", "Slow down").withHeader("Retry-After", "7"));
        assertThat(openAi().retryAfter()).isEqualTo(Duration.ofSeconds(7));

        provider.otherwise(error(429, "rate_limit_exceeded", "Slow down").withHeader("retry-after-ms", "1500"));
        assertThat(openAi().retryAfter()).isEqualTo(Duration.ofMillis(1_500));

        provider.otherwise(error(429, "rate_limit_exceeded", "Please try again in 20.5s"));
        assertThat(openAi().retryAfter()).isEqualTo(Duration.ofMillis(20_500));
        assertThat(langChain().retryAfter()).as("of the body: headers are lost").isEqualTo(Duration.ofMillis(20_500));
    }

    @Test
    void an_error_within_a_stream_is_what_it_says() {
        provider.otherwise(Answer.events("{\"error\":{\"message\":\"Overloaded\",\"type\":\"engine_overloaded\"}}"));
        assertThat(streamed().kind()).isEqualTo(FailureKind.OVERLOADED);

        provider.otherwise(Answer.events("{\"error\":{\"message\":\"Oops\",\"type\":\"server_error\"}}"));
        assertThat(streamed().kind()).isEqualTo(FailureKind.SERVER_ERROR);
    }

    @Test
    void a_stream_that_is_cut_is_a_lost_connection() {
        provider.otherwise(Answer.events("{\"id\":\"1\",\"choices\":[]}").thenReset());
        assertThat(streamed().kind()).isEqualTo(FailureKind.CONNECTION);

        provider.otherwise(Answer.events("{\"id\":\"1\",\"choices\":[]}").thenClosedInChunk());
        assertThat(streamed().kind()).isEqualTo(FailureKind.CONNECTION);
    }

    private OpenAIClient client() {
        return OpenAIOkHttpClient.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("a-key")
                .maxRetries(0)
                .timeout(Duration.ofMillis(800))
                .build();
    }

    private static ChatCompletionCreateParams question() {
        return ChatCompletionCreateParams.builder()
                .model("a-model")
                .addUserMessage("a plan")
                .build();
    }

    private Outcome openAi() {
        OpenAIClient client = client();
        try {
            return Judged.of(() -> client.chat().completions().create(question()));
        } finally {
            client.close();
        }
    }

    private Outcome streamed() {
        OpenAIClient client = client();
        try {
            return Judged.of(() -> {
                try (StreamResponse<ChatCompletionChunk> pieces =
                        client.chat().completions().createStreaming(question())) {
                    return pieces.stream().count();
                }
            });
        } finally {
            client.close();
        }
    }

    private Outcome langChain() {
        return Judged.of(() -> OpenAiChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("a-key")
                .modelName("a-model")
                .maxRetries(0)
                .timeout(Duration.ofMillis(800))
                .build()
                .chat("a plan"));
    }
}
