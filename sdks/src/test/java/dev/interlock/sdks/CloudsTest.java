package dev.interlock.sdks;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.google.genai.Client;
import com.google.genai.types.HttpOptions;
import com.google.genai.types.HttpRetryOptions;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.retry.RetryPolicy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** The clients of the clouds: Google's, gRPC (Vertex), Azure's, Amazon's. */
class CloudsTest {
    private final FakeProvider provider = FakeProvider.start();

    @AfterEach
    void stop() {
        provider.close();
    }

    // Google

    static Stream<Arguments> ofGoogle() {
        return Stream.of(
                Arguments.of("429", google(429, "RESOURCE_EXHAUSTED", "Slow down"), FailureKind.RATE_LIMITED),
                Arguments.of("503", google(503, "UNAVAILABLE", "The model is overloaded"), FailureKind.OVERLOADED),
                Arguments.of("500", google(500, "INTERNAL", "Oops"), FailureKind.SERVER_ERROR),
                Arguments.of("400", google(400, "INVALID_ARGUMENT", "Bad"), FailureKind.INVALID_REQUEST),
                Arguments.of(
                        "400, too long",
                        google(
                                400,
                                "INVALID_ARGUMENT",
                                "The input token count exceeds the maximum number of tokens allowed"),
                        FailureKind.CONTEXT_LENGTH),
                Arguments.of("401", google(401, "UNAUTHENTICATED", "Who?"), FailureKind.AUTHENTICATION),
                Arguments.of("403", google(403, "PERMISSION_DENIED", "Not you"), FailureKind.FORBIDDEN),
                Arguments.of("504", google(504, "DEADLINE_EXCEEDED", "Late"), FailureKind.TIMEOUT),
                Arguments.of("hang-up", Answer.hangUp(), FailureKind.CONNECTION),
                Arguments.of("stall", Answer.stall(), FailureKind.TIMEOUT));
    }

    private static Answer google(int status, String code, String message) {
        return Answer.json(
                status,
                "{\"error\":{\"code\":" + status + ",\"message\":\"" + message + "\",\"status\":\"" + code + "\"}}");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ofGoogle")
    void of_google_genai(String what, Answer answer, FailureKind kind) {
        provider.otherwise(answer);

        assertThat(google().kind()).isEqualTo(kind);
    }

    @Test
    void a_wait_of_google_is_in_its_text() {
        provider.otherwise(google(429, "RESOURCE_EXHAUSTED", "Quota exceeded. Please retry in 17.5s."));

        assertThat(google().retryAfter()).isEqualTo(Duration.ofMillis(17_500));
    }

    private Outcome google() {
        try (Client client = Client.builder()
                .apiKey("a-key")
                .httpOptions(HttpOptions.builder()
                        .baseUrl(provider.uri("").toString())
                        .timeout(800)
                        .retryOptions(HttpRetryOptions.builder()
                                .attempts(1)
                                .httpStatusCodes(418) // by default it repeats 429 and 500 until its time is over
                                .build())
                        .build())
                .build()) {
            return Judged.of(() -> client.models.generateContent("a-model", "a plan", null));
        }
    }

    // gRPC

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, OVERLOADED",
        "RESOURCE_EXHAUSTED, RATE_LIMITED",
        "DEADLINE_EXCEEDED, TIMEOUT",
        "UNAUTHENTICATED, AUTHENTICATION",
        "PERMISSION_DENIED, FORBIDDEN",
        "INTERNAL, SERVER_ERROR",
        "INVALID_ARGUMENT, INVALID_REQUEST",
        "CANCELLED, CANCELLED",
    })
    void codes_of_grpc(Status.Code code, FailureKind kind) {
        assertThat(Judged.of(() -> {
                            throw new StatusRuntimeException(Status.fromCode(code));
                        })
                        .kind())
                .isEqualTo(kind);
        assertThat(Judged.of(() -> {
                            throw new StatusException(Status.fromCode(code));
                        })
                        .kind())
                .isEqualTo(kind);
    }

    // Azure

    @ParameterizedTest
    @CsvSource({"429, RATE_LIMITED", "402, QUOTA_EXHAUSTED", "503, OVERLOADED", "500, SERVER_ERROR", "403, FORBIDDEN"})
    void statuses_of_azure(int status, FailureKind kind) {
        assertThat(Judged.of(() -> {
                            throw new HttpResponseException("no", response(status, Map.of()), null);
                        })
                        .kind())
                .isEqualTo(kind);
    }

    @Test
    void codes_and_waits_of_azure() {
        Map<String, Object> filtered = Map.of("error", Map.of("code", "content_filter"));
        assertThat(Judged.of(() -> {
                            throw new HttpResponseException("no", response(400, Map.of()), filtered);
                        })
                        .kind())
                .isEqualTo(FailureKind.CONTENT_FILTERED);
        assertThat(Judged.of(() -> {
                            throw new ClientAuthenticationException("no", null);
                        })
                        .kind())
                .isEqualTo(FailureKind.AUTHENTICATION);
        for (Map<String, String> headers : java.util.List.of(
                Map.of("Retry-After", "7"), Map.of("retry-after-ms", "7000"), Map.of("x-ms-retry-after-ms", "7000"))) {
            assertThat(Judged.of(() -> {
                                throw new HttpResponseException("no", response(429, headers), null);
                            })
                            .retryAfter())
                    .as("%s", headers)
                    .isEqualTo(Duration.ofSeconds(7));
        }
    }

    private static HttpResponse response(int status, Map<String, String> headers) {
        HttpHeaders all = new HttpHeaders();
        headers.forEach((name, value) -> all.set(HttpHeaderName.fromString(name), value));
        return new HttpResponse(new HttpRequest(HttpMethod.POST, "http://localhost/")) {
            @Override
            public int getStatusCode() {
                return status;
            }

            @Override
            @SuppressWarnings("deprecation")
            public @Nullable String getHeaderValue(String name) {
                return all.getValue(name);
            }

            @Override
            public HttpHeaders getHeaders() {
                return all;
            }

            @Override
            public Flux<ByteBuffer> getBody() {
                return Flux.empty();
            }

            @Override
            public Mono<byte[]> getBodyAsByteArray() {
                return Mono.empty();
            }

            @Override
            public Mono<String> getBodyAsString() {
                return Mono.empty();
            }

            @Override
            public Mono<String> getBodyAsString(Charset charset) {
                return Mono.empty();
            }
        };
    }

    // Amazon

    @ParameterizedTest(name = "{1} {0}")
    @CsvSource({
        "ThrottlingException, 429, RATE_LIMITED",
        "ServiceQuotaExceededException, 400, QUOTA_EXHAUSTED",
        "AccessDeniedException, 403, FORBIDDEN",
        "ModelTimeoutException, 408, TIMEOUT",
        "ServiceUnavailableException, 503, OVERLOADED",
        "ModelNotReadyException, 429, OVERLOADED",
        "InternalServerException, 500, SERVER_ERROR",
        "ModelErrorException, 424, SERVER_ERROR",
        "ValidationException, 400, INVALID_REQUEST",
        "ResourceNotFoundException, 404, MODEL_NOT_FOUND",
        "SomethingNewException, 418, INVALID_REQUEST",
    })
    void of_bedrock(String type, int status, FailureKind kind) {
        provider.otherwise(Answer.json(status, "{\"message\":\"no\"}").withHeader("x-amzn-ErrorType", type));

        assertThat(bedrock().kind()).isEqualTo(kind);
    }

    @Test
    void bedrock_says_in_a_text_that_a_prompt_is_too_long() {
        provider.otherwise(Answer.json(400, "{\"message\":\"Input is too long for requested model.\"}")
                .withHeader("x-amzn-ErrorType", "ValidationException"));

        assertThat(bedrock().kind()).isEqualTo(FailureKind.CONTEXT_LENGTH);
    }

    @Test
    void bedrock_stalls_and_hangs_up() {
        provider.otherwise(Answer.stall());
        assertThat(bedrock(Duration.ofMillis(1_500)).kind()).isEqualTo(FailureKind.TIMEOUT);
        provider.otherwise(Answer.hangUp());
        assertThat(bedrock().kind()).isEqualTo(FailureKind.CONNECTION);
        provider.otherwise(Answer.reset());
        assertThat(bedrock().kind()).isEqualTo(FailureKind.CONNECTION);
    }

    /** The first client of a JVM takes long to make its first call, on a busy machine seconds. */
    private Outcome bedrock() {
        return bedrock(Duration.ofSeconds(30));
    }

    private Outcome bedrock(Duration timeout) {
        try (BedrockRuntimeClient client = BedrockRuntimeClient.builder()
                .endpointOverride(provider.uri(""))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")))
                .overrideConfiguration(
                        settings -> settings.apiCallTimeout(timeout).retryPolicy(RetryPolicy.none()))
                .build()) {
            return Judged.of(() -> client.converse(request -> request.modelId("a-model")
                    .messages(message -> message.role("user").content(content -> content.text("a plan")))));
        }
    }
}
