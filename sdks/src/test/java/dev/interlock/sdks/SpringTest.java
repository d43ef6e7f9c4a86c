package dev.interlock.sdks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** Spring's client, and the two exceptions of Spring AI that have the status in their text. */
class SpringTest {
    private final FakeProvider provider = FakeProvider.start();
    private final RestClient client = client();

    @AfterEach
    void stop() {
        provider.close();
    }

    private static RestClient client() {
        JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory();
        factory.setReadTimeout(Duration.ofMillis(800));
        return RestClient.builder().requestFactory(factory).build();
    }

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_REQUEST",
        "401, AUTHENTICATION",
        "402, QUOTA_EXHAUSTED",
        "403, FORBIDDEN",
        "404, INVALID_REQUEST",
        "408, TIMEOUT",
        "418, INVALID_REQUEST",
        "422, INVALID_REQUEST",
        "429, RATE_LIMITED",
        "500, SERVER_ERROR",
        "502, SERVER_ERROR",
        "503, OVERLOADED",
        "504, TIMEOUT",
        "529, OVERLOADED",
    })
    void statuses_of_exceptions_and_of_answers(int status, FailureKind kind) {
        provider.otherwise(Answer.status(status));

        assertThat(asked().kind()).isEqualTo(kind);
        assertThat(answered().kind()).isEqualTo(kind);
    }

    @Test
    void code_and_wait_come_with_the_failure() {
        provider.otherwise(Answer.json(429, "{\"error\":{\"code\":\"insufficient_quota\"}}"));
        assertThat(asked().kind()).isEqualTo(FailureKind.QUOTA_EXHAUSTED);
        assertThat(answered().kind()).isEqualTo(FailureKind.QUOTA_EXHAUSTED);

        provider.otherwise(Answer.status(429).withHeader("Retry-After", "7"));
        assertThat(asked().retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(answered().retryAfter()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void ends_of_the_connection_and_time_limits() {
        provider.otherwise(Answer.hangUp());
        assertThat(asked().kind()).isEqualTo(FailureKind.CONNECTION);
        provider.otherwise(Answer.reset());
        assertThat(asked().kind()).isEqualTo(FailureKind.CONNECTION);
        provider.otherwise(Answer.json("{\"half\":").thenClosed());
        assertThat(asked().kind()).isEqualTo(FailureKind.CONNECTION);
        provider.otherwise(Answer.stall());
        assertThat(asked().kind()).isEqualTo(FailureKind.TIMEOUT);
        provider.otherwise(Answer.json("{}"));
        assertThat(asked()).isEqualTo(Outcome.success());
        assertThat(answered()).isEqualTo(Outcome.success());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "429 - {\"error\":{\"message\":\"slow down\"}}      | RATE_LIMITED",
                "HTTP 429 - {\"error\":{\"message\":\"slow down\"}} | RATE_LIMITED",
                "429 - {\"error\":{\"code\":\"insufficient_quota\"}} | QUOTA_EXHAUSTED",
                "HTTP 503 - busy                                    | OVERLOADED",
                "500 - oops                                         | SERVER_ERROR",
                "HTTP 401 - {\"error\":{\"code\":\"invalid_api_key\"}} | AUTHENTICATION",
                "HTTP 400 - prompt is too long: 9 tokens            | CONTEXT_LENGTH",
            })
    void texts_of_Spring_AI(String text, FailureKind kind) {
        assertThat(Judged.of(() -> {
                            throw new TransientAiException(text);
                        })
                        .kind())
                .isEqualTo(kind);
        assertThat(Judged.of(() -> {
                            throw new NonTransientAiException(text);
                        })
                        .kind())
                .isEqualTo(kind);
    }

    /** The exception that the client throws by default. */
    private Outcome asked() {
        return Judged.of(() ->
                client.post().uri(provider.uri("/v1")).body("{}").retrieve().body(String.class));
    }

    @Test
    void an_answer_is_read_whatever_its_body_was_read_into() {
        provider.otherwise(Answer.json(429, "{\"error\":{\"code\":\"insufficient_quota\"}}"));

        for (Class<?> body : List.of(String.class, byte[].class, Map.class)) {
            assertThat(answered(body).kind()).as(body.getSimpleName()).isEqualTo(FailureKind.QUOTA_EXHAUSTED);
        }
    }

    private Outcome answered() {
        return answered(String.class);
    }

    /** The answer itself, for who handles errors otherwise. */
    private Outcome answered(Class<?> body) {
        return Judged.of(() -> {
            ResponseEntity<?> answer = client.post()
                    .uri(provider.uri("/v1"))
                    .body("{}")
                    .retrieve()
                    .onStatus(status -> true, (request, response) -> {})
                    .toEntity(body);
            return answer;
        });
    }
}
