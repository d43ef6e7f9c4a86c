package dev.interlock.sdks;

import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** anthropic-java, which Spring AI uses too, and LangChain4j's own client of the same API. */
class AnthropicClientsTest {
    private final FakeProvider provider = FakeProvider.start();

    @AfterEach
    void stop() {
        provider.close();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("429", error(429, "rate_limit_error", "Too many"), FailureKind.RATE_LIMITED),
                Arguments.of("529", error(529, "overloaded_error", "Overloaded"), FailureKind.OVERLOADED),
                Arguments.of(
                        "400, credit",
                        error(400, "invalid_request_error", "Your credit balance is too low to access the API"),
                        FailureKind.QUOTA_EXHAUSTED),
                Arguments.of("402", error(402, "billing_error", "Pay"), FailureKind.QUOTA_EXHAUSTED),
                Arguments.of(
                        "400, too long",
                        error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
                        FailureKind.CONTEXT_LENGTH),
                Arguments.of(
                        "400",
                        error(400, "invalid_request_error", "max_tokens: Field required"),
                        FailureKind.INVALID_REQUEST),
                Arguments.of(
                        "401", error(401, "authentication_error", "invalid x-api-key"), FailureKind.AUTHENTICATION),
                Arguments.of("403", error(403, "permission_error", "Not yours"), FailureKind.FORBIDDEN),
                Arguments.of("404", error(404, "not_found_error", "model: a-model"), FailureKind.MODEL_NOT_FOUND),
                Arguments.of("413", error(413, "request_too_large", "Too large"), FailureKind.INVALID_REQUEST),
                Arguments.of("500", error(500, "api_error", "Oops"), FailureKind.SERVER_ERROR),
                Arguments.of("503", Answer.status(503), FailureKind.OVERLOADED),
                Arguments.of("hang-up", Answer.hangUp(), FailureKind.CONNECTION),
                Arguments.of("reset", Answer.reset(), FailureKind.CONNECTION),
                Arguments.of("stall", Answer.stall(), FailureKind.TIMEOUT));
    }

    private static Answer error(int status, String type, String message) {
        return Answer.json(status, errorOf(type, message));
    }

    private static String errorOf(String type, String message) {
        return "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"" + message + "\"}}";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void of_anthropic_java(String what, Answer answer, FailureKind kind) {
        provider.otherwise(answer);

        assertThat(anthropic().kind()).isEqualTo(kind);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void of_LangChain4j(String what, Answer answer, FailureKind kind) {
        provider.otherwise(answer);

        assertThat(langChain().kind()).isEqualTo(kind);
    }

    @Test
    void waits_come_with_the_failure() {
        provider.otherwise(error(429, "rate_limit_error", "Too many").withHeader("retry-after", "7"));

        assertThat(anthropic().retryAfter()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void an_error_within_a_stream_is_what_it_says() {
        provider.otherwise(Answer.events()
                .then(Duration.ZERO, "event: error\ndata: " + errorOf("overloaded_error", "Overloaded") + "\n\n"));

        assertThat(streamed().kind()).isEqualTo(FailureKind.OVERLOADED);
    }

    private AnthropicClient client() {
        return AnthropicOkHttpClient.builder()
                .baseUrl(provider.uri("").toString())
                .apiKey("a-key")
                .maxRetries(0)
                .timeout(Duration.ofMillis(800))
                .build();
    }

    private static MessageCreateParams question() {
        return MessageCreateParams.builder()
                .model("a-model")
                .maxTokens(100)
                .addUserMessage("a plan")
                .build();
    }

    private Outcome anthropic() {
        AnthropicClient client = client();
        try {
            return Judged.of(() -> client.messages().create(question()));
        } finally {
            client.close();
        }
    }

    private Outcome streamed() {
        AnthropicClient client = client();
        try {
            return Judged.of(() -> {
                try (StreamResponse<RawMessageStreamEvent> pieces =
                        client.messages().createStreaming(question())) {
                    return pieces.stream().count();
                }
            });
        } finally {
            client.close();
        }
    }

    private Outcome langChain() {
        return Judged.of(() -> AnthropicChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("a-key")
                .modelName("a-model")
                .maxTokens(100)
                .maxRetries(0)
                .timeout(Duration.ofMillis(800))
                .build()
                .chat("a plan"));
    }
}
