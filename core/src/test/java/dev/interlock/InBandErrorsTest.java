package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A good status with an error in its body: an answer that a client read whole, or a piece of a stream. */
class InBandErrorsTest {
    private static final String MUCH = "\"text\":\"" + "x".repeat(100_000) + "\"";

    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of("{\"error\":{\"message\":\"no\",\"code\":502}}", FailureKind.SERVER_ERROR),
                Arguments.of("{\"error\":{\"message\":\"slow down\",\"code\":429}}", FailureKind.RATE_LIMITED),
                Arguments.of("{\"error\":{\"code\":\"insufficient_quota\"}}", FailureKind.QUOTA_EXHAUSTED),
                Arguments.of("{\"error\":{\"type\":\"invalid_request_error\"}}", FailureKind.INVALID_REQUEST),
                Arguments.of("{\"error\":{\"what\":\"nobody knows\"}}", FailureKind.SERVER_ERROR),
                Arguments.of(
                        "\uFEFF {\"type\":\"error\", \"error\":{\"type\":\"overloaded_error\"}}",
                        FailureKind.OVERLOADED),
                Arguments.of("{\"type\":\"error\",\"message\":\"gone\"}", FailureKind.SERVER_ERROR),
                Arguments.of("{\"id\":[1,{\"a\":\"}\"}],\"error\":{\"code\":503}}", FailureKind.OVERLOADED),
                Arguments.of("[{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}]", FailureKind.OVERLOADED),
                Arguments.of("{\"error\":\"model is currently overloaded\"}", FailureKind.OVERLOADED),
                Arguments.of("{\"error\":{\"code\":\"circuit_open\"}}", FailureKind.DOWNSTREAM_OPEN),
                Arguments.of("event: error\ndata: {\"message\":\"gone\"}\n\n", FailureKind.SERVER_ERROR),
                Arguments.of(
                        "data: {" + MUCH + "}\n\nevent: error\r\ndata: {\"type\":\"overloaded_error\"}\r\n\r\n",
                        FailureKind.OVERLOADED),
                Arguments.of("data: {\"id\":1}\n\ndata: {\"error\":{\"code\":504}}\n\n", FailureKind.TIMEOUT));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void an_error_in_a_good_answer_is_a_failure(String body, FailureKind kind) {
        assertThat(of(200, body)).isEqualTo(kind);
        assertThat(of(200, body.getBytes(StandardCharsets.UTF_8))).isEqualTo(kind);
        assertThat(of(302, body)).as("what redirects has no answer").isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "plain text with an \"error\":{}",
                "{\"error\":null,\"output\":[]}",
                "{\"error\":{},\"output\":[]}",
                "{\"error\":\"\"}",
                "{\"error\":\"none\",\"data\":1}",
                "{\"choices\":[{\"message\":{\"error\":{\"code\":500}}}]}",
                "{\"text\":\"{\\\"error\\\":{\\\"code\\\":500}}\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602}}",
                "{\"error\":{\"code\":-32602},\"jsonrpc\":\"2.0\"}",
                "data: {\"choices\":[]}\n\ndata: [DONE]\n\n",
                "event: message\ndata: {\"errors\":0}\n\n",
                "event: error\n\ndata: {\"id\":1}\n\n",
                "{\"error",
                "{\"error\":",
                "{\"a\\\"error\":{\"code\":500}}",
                "[1,2]"
            })
    void other_answers_are_good(String body) {
        assertThat(of(200, body)).isNull();
        assertThat(of(200, body.getBytes(StandardCharsets.UTF_8))).isNull();
    }

    @Test
    void an_error_that_comes_after_eight_thousand_characters_of_json_is_not_looked_for() {
        assertThat(of(200, "{" + MUCH + ",\"error\":{\"code\":500}}")).isNull();
        assertThat(of(200, List.of("{\"error\":{\"code\":500}}"))).isNull();
    }

    @Test
    void a_wait_is_found_in_the_error_and_in_the_headers() {
        Outcome said = FailureClassifier.standard()
                .ofResult(new Answer(200, "{\"error\":{\"code\":429,\"message\":\"try again in 20.5s\"}}"));
        assertThat(said.retryAfter()).isEqualTo(Duration.ofMillis(20_500));
    }

    @Test
    void a_stream_that_reports_an_error_and_then_ends_well_has_failed() throws InterruptedException {
        for (List<String> pieces : List.of(
                List.of("data: {\"id\":1}", "", "data: {\"error\":{\"code\":503}}", "", "data: [DONE]"),
                List.of("event: error", "data: {\"type\":\"overloaded_error\"}", ""),
                List.of("event: error\ndata: {\"type\":\"overloaded_error\"}\n\n"),
                List.of("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}"))) {
            assertThat(endOf(pieces)).as(pieces.toString()).containsOnly(FailureKind.OVERLOADED);
        }
        assertThat(endOf(List.of("event: message", "data: {\"error_rate\":0}", "", "event: error", "", "data: {}")))
                .containsOnlyNulls();
    }

    /** By a stream, an iterator, a publisher and by hand. */
    private static List<@Nullable FailureKind> endOf(List<String> pieces) throws InterruptedException {
        List<@Nullable FailureKind> ends = new CopyOnWriteArrayList<>();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            circuits.settlements().add((id, outcome, took, ago, epoch, settlement) -> ends.add(outcome.kind()));
            Guard guard = circuits.guard("agent");
            Provider provider = guard.proxy(Provider.class, new Pieces(pieces));
            assertThat(provider.stream().toList()).isEqualTo(pieces);
            provider.iterator().forEachRemaining(piece -> {});
            CountDownLatch over = new CountDownLatch(1);
            provider.publisher().subscribe(new Reader(over));
            assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
            try (StreamPermit stream = guard.stream(StreamLimits.none())) {
                pieces.forEach(stream::next);
                stream.complete();
            }
        }
        assertThat(ends).hasSize(4);
        return ends;
    }

    private static @Nullable FailureKind of(int status, Object body) {
        return FailureClassifier.standard().ofResult(new Answer(status, body)).kind();
    }

    interface Provider {
        Stream<String> stream();

        Iterator<String> iterator();

        Flow.Publisher<String> publisher();
    }

    private record Pieces(List<String> pieces) implements Provider {
        @Override
        public Stream<String> stream() {
            return pieces.stream();
        }

        @Override
        public Iterator<String> iterator() {
            return pieces.iterator();
        }

        @Override
        public Flow.Publisher<String> publisher() {
            return subscriber -> {
                try (SubmissionPublisher<String> once = new SubmissionPublisher<>(Runnable::run, 256)) {
                    once.subscribe(subscriber);
                    pieces.forEach(once::submit);
                }
            };
        }
    }

    /** Takes everything. */
    private record Reader(CountDownLatch over) implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String piece) {}

        @Override
        public void onError(Throwable thrown) {
            over.countDown();
        }

        @Override
        public void onComplete() {
            over.countDown();
        }
    }

    /** An answer of the JDK's client, as it is once its body has been read. */
    private record Answer(int statusCode, Object body) implements HttpResponse<Object> {
        @Override
        public HttpHeaders headers() {
            return HttpHeaders.of(Map.of(), (name, value) -> true);
        }

        @Override
        public HttpRequest request() {
            return HttpRequest.newBuilder(uri()).build();
        }

        @Override
        public Optional<HttpResponse<Object>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public Optional<SSLSession> sslSession() {
            return Optional.empty();
        }

        @Override
        public URI uri() {
            return URI.create("http://127.0.0.1/");
        }

        @Override
        public HttpClient.Version version() {
            return HttpClient.Version.HTTP_1_1;
        }
    }
}
