package dev.interlock.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.StreamLimits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program of somebody who has read one page: a plain client, no classifier, no line of error handling. Whatever the
 * provider does, the right circuit opens, and no other.
 */
class NewcomerSnippetsTest {
    private static final List<String> CIRCUITS = List.of("planner", "model:kimi-k2", "key:moonshot-1");

    private final FakeProvider server = FakeProvider.start();
    private final URI provider = server.uri();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
    private final Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2", "key:moonshot-1");
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        circuits.close();
        server.close();
    }

    // tag::program[]
    String ask(String prompt) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(provider)
                .timeout(Duration.ofSeconds(2))
                .POST(HttpRequest.BodyPublishers.ofString(prompt))
                .build();
        return planner.call(() -> http.send(request, BodyHandlers.ofString())).body();
    }
    // end::program[]

    // tag::streaming[]
    interface Model {
        Stream<String> stream(String prompt) throws Exception;
    }

    Model model() {
        StreamLimits limits =
                StreamLimits.none().firstPiece(Duration.ofSeconds(2)).betweenPieces(Duration.ofSeconds(1));
        return planner.withStreamLimits(limits).proxy(Model.class, prompt -> {
            HttpRequest request = HttpRequest.newBuilder(provider)
                    .timeout(Duration.ofSeconds(2))
                    .POST(HttpRequest.BodyPublishers.ofString(prompt))
                    .build();
            return http.send(request, BodyHandlers.ofLines()).body();
        });
    }
    // end::streaming[]

    private static String in(int seconds) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(seconds));
    }

    static Stream<Arguments> incidents() {
        String model = "model:kimi-k2";
        String key = "key:moonshot-1";
        return Stream.of(
                Arguments.of("500", Answer.status(500), model, FailureKind.SERVER_ERROR, 60),
                Arguments.of("503", Answer.status(503), model, FailureKind.OVERLOADED, 60),
                Arguments.of("529", Answer.status(529), model, FailureKind.OVERLOADED, 60),
                Arguments.of("hang-up", Answer.hangUp(), model, FailureKind.CONNECTION, 60),
                Arguments.of("reset", Answer.reset(), model, FailureKind.CONNECTION, 60),
                Arguments.of("cut", Answer.json("{\"half\":").thenClosed(), model, FailureKind.CONNECTION, 60),
                Arguments.of("stall", Answer.stall(), model, FailureKind.TIMEOUT, 60),
                Arguments.of("429", Answer.status(429), key, FailureKind.RATE_LIMITED, 60),
                Arguments.of(
                        "429, seconds",
                        Answer.status(429).withHeader("Retry-After", "20"),
                        key,
                        FailureKind.RATE_LIMITED,
                        20),
                Arguments.of(
                        "429, date",
                        Answer.status(429).withHeader("Retry-After", in(20)),
                        key,
                        FailureKind.RATE_LIMITED,
                        20),
                Arguments.of(
                        "429, ms",
                        Answer.status(429).withHeader("retry-after-ms", "20000"),
                        key,
                        FailureKind.RATE_LIMITED,
                        20),
                Arguments.of(
                        "429, text",
                        Answer.json(429, "{\"error\":{\"message\":\"Rate limited. Please try again in 20.5s\"}}"),
                        key,
                        FailureKind.RATE_LIMITED,
                        20),
                Arguments.of(
                        "429, reset",
                        Answer.status(429)
                                .withHeader("x-ratelimit-remaining-requests", "0")
                                .withHeader("x-ratelimit-reset-requests", "20s"),
                        key,
                        FailureKind.RATE_LIMITED,
                        20),
                Arguments.of("402", Answer.status(402), key, FailureKind.QUOTA_EXHAUSTED, 900),
                Arguments.of("401", Answer.status(401), key, FailureKind.AUTHENTICATION, 300),
                Arguments.of("403", Answer.status(403), key, FailureKind.FORBIDDEN, 60),
                Arguments.of(
                        "404, model",
                        Answer.json(404, "{\"error\":{\"code\":\"model_not_found\"}}"),
                        model,
                        FailureKind.MODEL_NOT_FOUND,
                        60));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("incidents")
    void the_right_circuit_opens(String what, Answer answer, String circuit, FailureKind kind, int seconds) {
        server.otherwise(answer);

        boolean refused = false;
        for (int call = 0; call < 4 && !refused; call++) {
            try {
                ask("a plan");
            } catch (CircuitOpenException open) {
                assertThat(open.id()).isEqualTo(CircuitId.of(circuit));
                refused = true;
            } catch (Exception failed) {
                // the newcomer's program goes on
            }
        }

        assertThat(refused).as("refused after %s", what).isTrue();
        onlyOpen(circuit);
        CircuitSnapshot open = circuits.snapshot(CircuitId.of(circuit));
        CircuitAssertions.assertThat(open).wasOpenedBy(kind);
        // A tenth is the policy's jitter, a fifth that of rate limits; a date says whole seconds.
        assertThat(open.retryAfter())
                .isBetween(Duration.ofMillis(seconds * 1_000L - 15_000), Duration.ofMillis(seconds * 1_250L));
    }

    @Test
    void answers_that_are_good_open_nothing() throws Exception {
        server.otherwise(Answer.json("{}"));
        for (int call = 0; call < 20; call++) {
            assertThat(ask("a plan")).isEqualTo("{}");
        }
        onlyOpen("");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 422})
    void answered_mistakes_of_the_caller_open_nothing(int status) throws Exception {
        server.otherwise(Answer.json(status, "{}"));
        for (int call = 0; call < 20; call++) {
            assertThat(ask("a plan")).isEqualTo("{}");
        }
        onlyOpen("");
    }

    @Test
    void a_stream_that_stalls_or_breaks_opens_the_model() throws Exception {
        server.then(Answer.events("one", "two").thenStalled());
        server.then(Answer.events("one", "two").thenReset());
        server.otherwise(Answer.events("one", "two").thenClosed());
        Model guarded = model();

        for (int call = 0; call < 3; call++) {
            try (Stream<String> pieces = guarded.stream("a plan")) {
                assertThat(pieces.toList())
                        .as("a stream that does not end well")
                        .isNull();
            } catch (IOException | RuntimeException expected) { // of the call itself, if the break comes that early
                assertThat(expected).isNotInstanceOf(CircuitOpenException.class);
            }
        }

        onlyOpen("model:kimi-k2");
    }

    @Test
    void a_stream_that_is_slow_but_comes_opens_nothing() throws Exception {
        server.otherwise(Answer.events("one").thenEvent(Duration.ofMillis(300), "two"));

        try (Stream<String> pieces = model().stream("a plan")) {
            assertThat(pieces.filter(line -> !line.isEmpty())).hasSize(2);
        }

        onlyOpen("");
        assertThat(circuits.snapshot(CircuitId.of("model:kimi-k2")).figures().calls())
                .isEqualTo(1);
    }

    private void onlyOpen(String circuit) {
        for (String each : CIRCUITS) {
            CircuitSnapshot snapshot = circuits.snapshot(CircuitId.of(each));
            assertThat(snapshot.state())
                    .as(each)
                    .isEqualTo(each.equals(circuit) ? CircuitState.OPEN : CircuitState.CLOSED);
            if (!each.equals(circuit)) {
                assertThat(snapshot.figures().failures())
                        .as("failures of " + each)
                        .isZero();
            }
        }
    }
}
