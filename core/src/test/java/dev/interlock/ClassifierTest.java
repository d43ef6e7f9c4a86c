package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.UnknownServiceException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.SecureClassLoader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

/** What exceptions, HTTP answers and results mean. */
class ClassifierTest {
    private static @Nullable FailureKind kindOf(Throwable thrown) {
        return FailureClassifier.standard().ofException(thrown).kind();
    }

    @Nested
    class ExceptionsOfTheJdk {
        static Stream<Arguments> known() {
            return Stream.of(
                    Arguments.of(new InterruptedException(), FailureKind.CANCELLED),
                    Arguments.of(new InterruptedIOException(), FailureKind.CANCELLED),
                    Arguments.of(new ClosedByInterruptException(), FailureKind.CANCELLED),
                    Arguments.of(new CancellationException(), FailureKind.CANCELLED),
                    Arguments.of(new TimeoutException(), FailureKind.TIMEOUT),
                    Arguments.of(new SocketTimeoutException(), FailureKind.TIMEOUT),
                    Arguments.of(new HttpTimeoutException("late"), FailureKind.TIMEOUT),
                    Arguments.of(new HttpConnectTimeoutException("late"), FailureKind.TIMEOUT),
                    Arguments.of(new SocketException(), FailureKind.CONNECTION),
                    Arguments.of(new ConnectException(), FailureKind.CONNECTION),
                    Arguments.of(new NoRouteToHostException(), FailureKind.CONNECTION),
                    Arguments.of(new PortUnreachableException(), FailureKind.CONNECTION),
                    Arguments.of(new BindException(), FailureKind.CONNECTION),
                    Arguments.of(new UnknownHostException(), FailureKind.CONNECTION),
                    Arguments.of(new UnknownServiceException(), FailureKind.CONNECTION),
                    Arguments.of(new ClosedChannelException(), FailureKind.CONNECTION),
                    Arguments.of(new AsynchronousCloseException(), FailureKind.CONNECTION),
                    Arguments.of(new UnresolvedAddressException(), FailureKind.CONNECTION),
                    Arguments.of(new SSLException("broken"), FailureKind.CONNECTION),
                    Arguments.of(new SSLHandshakeException("broken"), FailureKind.CONNECTION));
        }

        @ParameterizedTest
        @MethodSource("known")
        void are_known(Throwable thrown, FailureKind kind) {
            assertThat(kindOf(thrown)).isEqualTo(kind);
        }

        static Stream<Throwable> unknown() {
            return Stream.of(
                    new RuntimeException(),
                    new Exception(),
                    new IOException("plain"),
                    new UncheckedIOException(new IOException("plain")),
                    new NullPointerException(),
                    new IllegalStateException(),
                    new AssertionError(),
                    new StackOverflowError());
        }

        @ParameterizedTest
        @MethodSource("unknown")
        void that_are_not_recognised_are_errors(Throwable thrown) {
            assertThat(kindOf(thrown)).isEqualTo(FailureKind.ERROR);
        }
    }

    @Nested
    class ChainsOfCauses {
        @Test
        void are_walked_through_wrappers() {
            assertThat(kindOf(new CompletionException(new ExecutionException(
                            new UncheckedIOException(new IOException(new SocketTimeoutException()))))))
                    .isEqualTo(FailureKind.TIMEOUT);
        }

        @Test
        void the_outermost_that_is_known_decides() {
            Exception closed = new SSLException("closed", new SocketTimeoutException());
            assertThat(kindOf(new RuntimeException(closed))).isEqualTo(FailureKind.CONNECTION);
        }

        @Test
        void a_subclass_is_what_its_superclass_is() {
            assertThat(kindOf(new SocketTimeoutException() {})).isEqualTo(FailureKind.TIMEOUT);
        }

        @Test
        void a_refusal_by_another_circuit_is_downstream_open_at_any_depth() {
            CircuitOpenException refusal = new Lab().trip().refusal();
            assertThat(kindOf(refusal)).isEqualTo(FailureKind.DOWNSTREAM_OPEN);
            assertThat(kindOf(new IllegalStateException(new CompletionException(refusal))))
                    .isEqualTo(FailureKind.DOWNSTREAM_OPEN);
        }

        @Test
        void a_circle_of_causes_ends() {
            Exception one = new Exception();
            Exception other = new Exception(one);
            one.initCause(other);

            assertThat(kindOf(one)).isEqualTo(FailureKind.ERROR);
        }

        @Test
        void are_walked_for_32_causes_and_no_further() {
            assertThat(kindOf(chain(31))).isEqualTo(FailureKind.TIMEOUT);
            assertThat(kindOf(chain(32))).isEqualTo(FailureKind.ERROR);
            assertThat(kindOf(chain(1_000))).isEqualTo(FailureKind.ERROR);
        }

        /** A time-out in so many wrappers. */
        private Throwable chain(int wrappers) {
            Throwable thrown = new SocketTimeoutException();
            for (int i = 0; i < wrappers; i++) {
                thrown = new RuntimeException("again", thrown);
            }
            return thrown;
        }
    }

    /** Classes of libraries that core does not know: made here under their names, with their superclasses. */
    @Nested
    class ExceptionsOfClients {
        @ParameterizedTest
        @CsvSource({
            "dev.langchain4j.exception.AuthenticationException, AUTHENTICATION",
            "dev.langchain4j.exception.RateLimitException, RATE_LIMITED",
            "dev.langchain4j.exception.TimeoutException, TIMEOUT",
            "dev.langchain4j.exception.ModelNotFoundException, MODEL_NOT_FOUND",
            "dev.langchain4j.exception.ContentFilteredException, CONTENT_FILTERED",
            "dev.langchain4j.exception.InvalidRequestException, INVALID_REQUEST",
            "dev.langchain4j.exception.UnsupportedFeatureException, INVALID_REQUEST",
            "dev.langchain4j.exception.InternalServerException, SERVER_ERROR",
            "dev.langchain4j.exception.UnresolvedModelServerException, CONNECTION",
            "dev.langchain4j.exception.ToolExecutionException, TOOL_ERROR",
            "dev.langchain4j.exception.ToolArgumentsException, MALFORMED_OUTPUT",
            "org.springframework.ai.model.tool.ToolCallLimitExceededException, LOOP",
            "com.google.adk.exceptions.LlmCallsLimitExceededException, LOOP",
            "com.openai.errors.RateLimitException, RATE_LIMITED",
            "com.openai.errors.UnauthorizedException, AUTHENTICATION",
            "com.openai.errors.PermissionDeniedException, FORBIDDEN",
            "com.openai.errors.BadRequestException, INVALID_REQUEST",
            "com.openai.errors.NotFoundException, INVALID_REQUEST",
            "com.openai.errors.UnprocessableEntityException, INVALID_REQUEST",
            "com.openai.errors.InternalServerException, SERVER_ERROR",
            "com.openai.errors.OpenAIInvalidDataException, MALFORMED_OUTPUT",
            "com.openai.errors.OpenAIIoException, CONNECTION",
            "com.anthropic.errors.RateLimitException, RATE_LIMITED",
            "com.anthropic.errors.UnauthorizedException, AUTHENTICATION",
            "com.anthropic.errors.InternalServerException, SERVER_ERROR",
            "com.anthropic.errors.AnthropicInvalidDataException, MALFORMED_OUTPUT",
            "com.anthropic.errors.AnthropicIoException, CONNECTION",
            "org.springframework.web.client.HttpClientErrorException$TooManyRequests, RATE_LIMITED",
            "org.springframework.web.client.HttpClientErrorException$Unauthorized, AUTHENTICATION",
            "org.springframework.web.client.HttpClientErrorException$Forbidden, FORBIDDEN",
            "org.springframework.web.client.HttpClientErrorException$UnprocessableEntity, INVALID_REQUEST",
            "org.springframework.web.client.HttpClientErrorException$UnprocessableContent, INVALID_REQUEST",
            "org.springframework.web.client.HttpServerErrorException$ServiceUnavailable, OVERLOADED",
            "org.springframework.web.client.HttpServerErrorException$GatewayTimeout, TIMEOUT",
            "org.springframework.web.client.HttpServerErrorException$BadGateway, SERVER_ERROR",
            "org.springframework.web.client.HttpServerErrorException, SERVER_ERROR",
            "org.springframework.web.client.ResourceAccessException, CONNECTION",
            "org.springframework.web.reactive.function.client.WebClientResponseException$TooManyRequests, RATE_LIMITED",
            "org.springframework.web.reactive.function.client.WebClientResponseException$BadGateway, SERVER_ERROR",
            "org.springframework.web.reactive.function.client.WebClientRequestException, CONNECTION",
            "software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException, RATE_LIMITED",
            "software.amazon.awssdk.services.bedrockruntime.model.ServiceQuotaExceededException, QUOTA_EXHAUSTED",
            "software.amazon.awssdk.services.bedrockruntime.model.AccessDeniedException, FORBIDDEN",
            "software.amazon.awssdk.services.bedrockruntime.model.ModelTimeoutException, TIMEOUT",
            "software.amazon.awssdk.services.bedrockruntime.model.ModelNotReadyException, OVERLOADED",
            "software.amazon.awssdk.services.bedrockruntime.model.ModelStreamErrorException, SERVER_ERROR",
            "software.amazon.awssdk.services.bedrockruntime.model.ResourceNotFoundException, MODEL_NOT_FOUND",
            "software.amazon.awssdk.core.exception.ApiCallTimeoutException, TIMEOUT",
            "software.amazon.awssdk.core.exception.AbortedException, CANCELLED",
            "org.apache.http.conn.ConnectTimeoutException, TIMEOUT",
            "org.apache.hc.core5.http.ConnectionRequestTimeoutException, TIMEOUT",
            "org.apache.hc.core5.http.NoHttpResponseException, CONNECTION",
            "okhttp3.internal.http2.StreamResetException, CONNECTION",
            "io.netty.handler.timeout.TimeoutException, TIMEOUT",
            "reactor.netty.http.client.PrematureCloseException, CONNECTION",
            "tools.jackson.core.JacksonException, MALFORMED_OUTPUT",
            "com.google.gson.JsonParseException, MALFORMED_OUTPUT",
        })
        void are_known_by_name(String name, FailureKind kind) {
            assertThat(kindOf(named(name, RuntimeException.class, null))).isEqualTo(kind);
            assertThat(kindOf(new CompletionException(named(name, RuntimeException.class, null))))
                    .as("as a cause")
                    .isEqualTo(kind);
        }

        @Test
        void a_connect_timeout_of_apache_is_no_interruption_though_its_class_extends_one() {
            assertThat(kindOf(
                            named("org.apache.http.conn.ConnectTimeoutException", InterruptedIOException.class, null)))
                    .isEqualTo(FailureKind.TIMEOUT);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "com.openai.errors.OpenAIIoException",
                    "com.anthropic.errors.AnthropicIoException",
                    "org.springframework.web.client.ResourceAccessException",
                    "org.springframework.web.reactive.function.client.WebClientRequestException",
                    "tools.jackson.core.exc.JacksonIOException",
                    "com.google.gson.JsonIOException"
                })
        void a_mere_wrapper_is_what_it_wraps_and_a_broken_connection_if_that_is_unknown(String name) {
            assertThat(kindOf(named(name, RuntimeException.class, new SocketTimeoutException())))
                    .isEqualTo(FailureKind.TIMEOUT);
            assertThat(kindOf(named(name, RuntimeException.class, new IOException("reset"))))
                    .isEqualTo(FailureKind.CONNECTION);
        }

        @Test
        void jackson_is_malformed_output() {
            assertThatThrownBy(() -> new com.fasterxml.jackson.databind.ObjectMapper().readTree("{"))
                    .satisfies(thrown -> assertThat(kindOf(thrown)).isEqualTo(FailureKind.MALFORMED_OUTPUT));
        }

        /** An exception of a class with that name. */
        private static Throwable named(String name, Class<?> superclass, @Nullable Throwable cause) {
            try {
                Throwable thrown = (Throwable)
                        new Loader().define(name, superclass).getConstructor().newInstance();
                return cause == null ? thrown : thrown.initCause(cause);
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    /** Makes an empty public class, by hand: a constant pool, a superclass and a constructor that calls super(). */
    private static final class Loader extends SecureClassLoader {
        Class<?> define(String name, Class<?> superclass) throws ReflectiveOperationException {
            try (var bytes = new java.io.ByteArrayOutputStream();
                    var out = new java.io.DataOutputStream(bytes)) {
                out.writeInt(0xCAFEBABE);
                out.writeInt(52);
                out.writeShort(10);
                utf8(out, name.replace('.', '/')); // 1
                reference(out, 7, 1); // 2: this class
                utf8(out, superclass.getName().replace('.', '/')); // 3
                reference(out, 7, 3); // 4: its superclass
                utf8(out, "<init>"); // 5
                utf8(out, "()V"); // 6
                reference(out, 12, 5);
                out.writeShort(6); // 7: name and type
                reference(out, 10, 4);
                out.writeShort(7); // 8: the constructor of the superclass
                utf8(out, "Code"); // 9
                for (int part : new int[] {1, 2, 4, 0, 0, 1, 1, 5, 6, 1, 9}) {
                    out.writeShort(part);
                }
                byte[] code = {0x2A, (byte) 0xB7, 0, 8, (byte) 0xB1}; // aload_0, invokespecial 8, return
                out.writeInt(12 + code.length);
                out.writeShort(1);
                out.writeShort(1);
                out.writeInt(code.length);
                out.write(code);
                out.writeShort(0);
                out.writeShort(0);
                out.writeShort(0);
                byte[] type = bytes.toByteArray();
                return defineClass(name, type, 0, type.length);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }

        private static void utf8(java.io.DataOutputStream out, String text) throws IOException {
            out.writeByte(1);
            out.writeUTF(text);
        }

        private static void reference(java.io.DataOutputStream out, int tag, int index) throws IOException {
            out.writeByte(tag);
            out.writeShort(index);
        }
    }

    @Nested
    class HttpAnswers {
        private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

        @ParameterizedTest
        @ValueSource(ints = {100, 200, 204, 301, 304, 399})
        void below_400_are_successes(int status) {
            assertThat(FailureClassifier.ofHttpStatus(status)).isEqualTo(Outcome.success());
            assertThat(FailureClassifier.ofHttpStatus(status, "5", NOW)).isEqualTo(Outcome.success());
        }

        @ParameterizedTest
        @CsvSource({
            "400, INVALID_REQUEST", "401, AUTHENTICATION", "402, QUOTA_EXHAUSTED", "403, FORBIDDEN",
            "404, INVALID_REQUEST", "405, INVALID_REQUEST", "408, TIMEOUT", "413, INVALID_REQUEST",
            "415, INVALID_REQUEST", "422, INVALID_REQUEST", "429, RATE_LIMITED", "499, CANCELLED",
            "500, SERVER_ERROR", "501, SERVER_ERROR", "502, SERVER_ERROR", "503, OVERLOADED",
            "504, TIMEOUT", "520, SERVER_ERROR", "529, OVERLOADED", "599, SERVER_ERROR"
        })
        void from_400_on_are_failures(int status, FailureKind kind) {
            assertThat(FailureClassifier.ofHttpStatus(status).kind()).isEqualTo(kind);
        }

        @ParameterizedTest
        @CsvSource({"7, 7", "' 7 ', 7", "86400, 86400", "999999999, 999999999", "'Sun, 22 Nov 2026 12:01:30 GMT', 90"})
        void carry_a_retry_after_of_seconds_or_a_date(String header, long seconds) {
            assertThat(FailureClassifier.ofHttpStatus(429, header, NOW).retryAfter())
                    .isEqualTo(Duration.ofSeconds(seconds));
        }

        @ParameterizedTest
        @NullAndEmptySource
        @ValueSource(
                strings = {
                    " ",
                    "soon",
                    "-5",
                    "0",
                    "Sun, 22 Nov 2026 11:00:00 GMT",
                    "5s",
                    "١٢",
                    "0x10",
                    "Sun, 31 Feb 2026 12:00:00 GMT",
                    "2026-11-22T12:01:30Z"
                })
        void with_an_unreadable_or_spent_retry_after_have_none(@Nullable String header) {
            assertThat(FailureClassifier.ofHttpStatus(429, header, NOW))
                    .isEqualTo(Outcome.failure(FailureKind.RATE_LIMITED));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 99, 600, 1_000})
    void what_is_no_status_is_refused(int status) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FailureClassifier.ofHttpStatus(status))
                .withMessageContaining("An HTTP status is 100 to 599, but this was " + status);
    }

    @Nested
    class ClassifiersOfUsers {
        private final Lab lab = new Lab();

        @Test
        void say_what_a_result_means() {
            FailureClassifier strict = new FailureClassifier() {
                @Override
                public Outcome ofException(Throwable thrown) {
                    return FailureClassifier.standard().ofException(thrown);
                }

                @Override
                public Outcome ofResult(@Nullable Object result) {
                    return "".equals(result) ? Outcome.failure(FailureKind.EMPTY_RESPONSE) : Outcome.success();
                }
            };
            Guard guard = lab.circuits.guard("agent").withClassifier(strict);

            assertThat(guard.<String, RuntimeException>call(() -> "")).isEmpty();
            guard.<String, RuntimeException>call(() -> "plan");

            assertThat(lab).hasCounted(2, 1);
        }

        @Test
        void can_take_an_exception_for_an_answer_like_any_other() {
            Guard guard = lab.circuits.guard("agent").withClassifier(thrown -> Outcome.success());

            assertThatThrownBy(() -> guard.call(() -> {
                        throw new IOException("not found, and that is fine");
                    }))
                    .isInstanceOf(IOException.class);

            assertThat(lab).hasCounted(1, 0);
        }

        @Test
        void that_throw_or_answer_null_make_an_error_of_the_call_and_nothing_is_lost() {
            List<FailureClassifier> broken = new ArrayList<>();
            broken.add(classifier(() -> {
                throw new IllegalStateException("broken classifier");
            }));
            broken.add(classifier(() -> null));
            for (FailureClassifier each : broken) {
                Lab lab = new Lab();
                Guard guard = lab.circuits.guard("agent").withClassifier(each);

                assertThat(guard.<String, RuntimeException>call(() -> "plan")).isEqualTo("plan");
                assertThatThrownBy(() -> guard.call(() -> {
                            throw new IOException("no route");
                        }))
                        .hasMessage("no route");

                assertThat(lab).hasCounted(2, 2).hasStreak(2);
            }
        }

        @Test
        void of_the_manager_serve_every_guard_and_every_permit() {
            Lab lab = new Lab(
                    CircuitBreakerConfig.defaults(),
                    builder -> builder.classifier(thrown -> Outcome.failure(FailureKind.LOOP)));

            lab.begin().fail(new IOException("whatever"));

            assertThat(lab).isOpen();
        }

        private static FailureClassifier classifier(java.util.function.Supplier<@Nullable Outcome> answer) {
            return new FailureClassifier() {
                @Override
                @SuppressWarnings("NullAway")
                public Outcome ofException(Throwable thrown) {
                    return answer.get();
                }

                @Override
                @SuppressWarnings("NullAway")
                public Outcome ofResult(@Nullable Object result) {
                    return answer.get();
                }
            };
        }
    }
}
