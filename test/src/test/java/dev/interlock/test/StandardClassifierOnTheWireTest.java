package dev.interlock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the standard classifier says of what real clients report, when a provider fails as real ones do. */
class StandardClassifierOnTheWireTest {
    private static final FailureClassifier STANDARD = FailureClassifier.standard();
    private static final String QUOTA =
            "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan\","
                    + "\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}";
    private static final String CONTEXT =
            "{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens\","
                    + "\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}";

    private final FakeProvider provider = FakeProvider.start();
    private final HttpClient jdk = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final OkHttpClient okHttp = new OkHttpClient.Builder()
            .retryOnConnectionFailure(false)
            .callTimeout(10, TimeUnit.SECONDS)
            .build();

    @AfterEach
    void stop() {
        provider.close();
        okHttp.dispatcher().executorService().shutdownNow();
        okHttp.connectionPool().evictAll();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("FIN before the answer", Answer.hangUp(), FailureKind.CONNECTION),
                Arguments.of("RST before the answer", Answer.reset(), FailureKind.CONNECTION),
                Arguments.of("FIN within a body", Answer.json("{\"half\":").thenClosed(), FailureKind.CONNECTION),
                Arguments.of("RST within a body", Answer.json("{\"half\":").thenReset(), FailureKind.CONNECTION),
                Arguments.of("FIN within a stream", Answer.events("one").thenClosed(), FailureKind.CONNECTION),
                Arguments.of("RST within a stream", Answer.events("one").thenReset(), FailureKind.CONNECTION),
                Arguments.of("FIN within a chunk", Answer.events("one").thenClosedInChunk(), FailureKind.CONNECTION),
                Arguments.of("400", Answer.status(400), FailureKind.INVALID_REQUEST),
                Arguments.of("400, context", Answer.json(400, CONTEXT), FailureKind.CONTEXT_LENGTH),
                Arguments.of("401", Answer.status(401), FailureKind.AUTHENTICATION),
                Arguments.of("402", Answer.status(402), FailureKind.QUOTA_EXHAUSTED),
                Arguments.of("403", Answer.status(403), FailureKind.FORBIDDEN),
                Arguments.of("408", Answer.status(408), FailureKind.TIMEOUT),
                Arguments.of("429", Answer.status(429), FailureKind.RATE_LIMITED),
                Arguments.of("429, quota", Answer.json(429, QUOTA), FailureKind.QUOTA_EXHAUSTED),
                Arguments.of("500", Answer.status(500), FailureKind.SERVER_ERROR),
                Arguments.of("503", Answer.status(503), FailureKind.OVERLOADED),
                Arguments.of(
                        "529",
                        Answer.json(529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}"),
                        FailureKind.OVERLOADED),
                Arguments.of(
                        "refused by one of ours",
                        Answer.status(424).withHeader("interlock-refused", "model:m"),
                        FailureKind.DOWNSTREAM_OPEN),
                Arguments.of(
                        "refused by one of ours, in the body",
                        Answer.json(503, "{\"error\":{\"code\":\"circuit_open\"}}"),
                        FailureKind.DOWNSTREAM_OPEN));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void of_the_jdks_client(String what, Answer answer, FailureKind kind) {
        provider.otherwise(answer);

        assertThat(ofJdk().kind()).as(what).isEqualTo(kind);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void of_OkHttp(String what, Answer answer, FailureKind kind) {
        provider.otherwise(answer);

        assertThat(ofOkHttp(okHttp, call -> {}).kind()).as(what).isEqualTo(kind);
    }

    @Test
    void a_good_answer_is_a_success() {
        assertThat(ofJdk()).isEqualTo(Outcome.success());
        assertThat(ofOkHttp(okHttp, call -> {})).isEqualTo(Outcome.success());
    }

    @Test
    void an_error_in_a_good_answer_is_a_failure_where_its_body_has_been_read() {
        provider.otherwise(Answer.json("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}"));
        assertThat(ofJdk().kind()).isEqualTo(FailureKind.OVERLOADED);
        assertThat(ofOkHttp(okHttp, call -> {}))
                .as("a body that its reader takes is not looked into")
                .isEqualTo(Outcome.success());
    }

    @Test
    void a_wait_comes_with_the_failure() {
        provider.otherwise(Answer.status(429).withHeader("retry-after-ms", "1500"));
        assertThat(ofJdk().retryAfter()).isEqualTo(Duration.ofMillis(1_500));
        assertThat(ofOkHttp(okHttp, call -> {}).retryAfter()).isEqualTo(Duration.ofMillis(1_500));

        provider.otherwise(Answer.json(429, "{\"error\":{\"message\":\"Please try again in 20.5s.\"}}"));
        assertThat(ofJdk().retryAfter()).isEqualTo(Duration.ofMillis(20_500));
        assertThat(ofOkHttp(okHttp, call -> {}).retryAfter()).isEqualTo(Duration.ofMillis(20_500));
    }

    @Test
    void a_wait_of_more_than_a_day_is_a_quota() {
        provider.otherwise(Answer.status(429).withRetryAfter(Duration.ofDays(2)));

        assertThat(ofJdk().kind()).isEqualTo(FailureKind.QUOTA_EXHAUSTED);
    }

    @Test
    void time_limits_are_time_outs() {
        provider.otherwise(Answer.stall());

        assertThat(of(() -> jdk.send(
                                request().timeout(Duration.ofMillis(100)).build(),
                                HttpResponse.BodyHandlers.ofString()))
                        .kind())
                .isEqualTo(FailureKind.TIMEOUT);
        OkHttpClient reading =
                okHttp.newBuilder().readTimeout(100, TimeUnit.MILLISECONDS).build();
        assertThat(ofOkHttp(reading, call -> {}).kind()).isEqualTo(FailureKind.TIMEOUT);
        OkHttpClient calling =
                okHttp.newBuilder().callTimeout(100, TimeUnit.MILLISECONDS).build();
        assertThat(ofOkHttp(calling, call -> {}).kind()).isEqualTo(FailureKind.TIMEOUT);
    }

    @Test
    void a_call_that_its_caller_cancels_is_cancelled() {
        assertThat(ofOkHttp(okHttp, Call::cancel).kind()).as("before").isEqualTo(FailureKind.CANCELLED);

        provider.otherwise(Answer.stall());
        assertThat(ofOkHttp(okHttp, this::cancelOnceAsked).kind()).as("during").isEqualTo(FailureKind.CANCELLED);
    }

    /** The stream has begun, and somebody else asks its reader to stop. */
    @Test
    void a_call_that_is_cancelled_while_its_answer_comes_is_cancelled() {
        provider.otherwise(Answer.events("one").thenStalled());

        assertThat(ofOkHttp(okHttp, this::cancelOnceAsked).kind()).isEqualTo(FailureKind.CANCELLED);
    }

    @Test
    void a_call_of_the_jdks_client_that_is_cancelled_is_cancelled() throws Exception {
        provider.otherwise(Answer.stall());
        CompletableFuture<HttpResponse<String>> asked =
                jdk.sendAsync(request().build(), HttpResponse.BodyHandlers.ofString());
        await().until(() -> !provider.requests().isEmpty());
        asked.cancel(true);
        assertThat(of(asked::get).kind()).as("during").isEqualTo(FailureKind.CANCELLED);

        Thread.currentThread().interrupt();
        assertThat(ofJdk().kind()).as("its thread").isEqualTo(FailureKind.CANCELLED);
        assertThat(Thread.interrupted()).isFalse();
    }

    /** A user presses stop: the body is closed, and its reader comes for more. */
    @Test
    void a_body_of_the_jdks_client_that_its_own_side_closes_is_cancelled() throws Exception {
        provider.otherwise(Answer.events("one").thenStalled());
        HttpResponse<InputStream> answer = jdk.send(request().build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.body().read()).isEqualTo('d');
        answer.body().close();

        assertThat(of(() -> answer.body().readAllBytes()).kind()).isEqualTo(FailureKind.CANCELLED);
    }

    /** In the same word, but with the end of the connection below. */
    @Test
    void a_body_of_the_jdks_client_that_breaks_is_a_lost_connection_each_time_it_is_read() throws Exception {
        provider.otherwise(Answer.events("one").thenClosedInChunk());
        HttpResponse<InputStream> answer = jdk.send(request().build(), HttpResponse.BodyHandlers.ofInputStream());

        assertThat(of(() -> answer.body().readAllBytes()).kind()).isEqualTo(FailureKind.CONNECTION);
        assertThat(of(() -> answer.body().read()).kind()).as("again").isEqualTo(FailureKind.CONNECTION);
    }

    @Test
    void nobody_listens() {
        provider.close();

        assertThat(ofJdk().kind()).isEqualTo(FailureKind.CONNECTION);
        assertThat(ofOkHttp(okHttp, call -> {}).kind()).isEqualTo(FailureKind.CONNECTION);
    }

    @Test
    void an_agents_own_truncated_file_is_not_the_models_failure() {
        assertThat(of(() -> new DataInputStream(new ByteArrayInputStream(new byte[2])).readInt())
                        .kind())
                .isEqualTo(FailureKind.ERROR);
    }

    private void cancelOnceAsked(Call call) {
        inBackground(() -> {
            await().until(() -> !provider.requests().isEmpty());
            call.cancel();
        });
    }

    private static void inBackground(Runnable work) {
        Thread other = new Thread(work);
        other.setDaemon(true);
        other.start();
    }

    private Outcome ofJdk() {
        return of(() -> jdk.send(request().build(), HttpResponse.BodyHandlers.ofString()));
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(provider.uri("/v1/chat/completions"))
                .POST(HttpRequest.BodyPublishers.ofString("{}"));
    }

    private interface Around {
        void begun(Call call);
    }

    /** Judged as a guard would: what comes back is the response, and its body is read behind it. */
    private Outcome ofOkHttp(OkHttpClient client, Around around) {
        Call call = client.newCall(new Request.Builder()
                .url(provider.uri("/v1/chat/completions").toString())
                .post(RequestBody.create(new byte[0]))
                .build());
        around.begun(call);
        return of(() -> {
            Response response = call.execute();
            if (response.isSuccessful()) {
                response.body().string();
            }
            return response;
        });
    }

    private static Outcome of(Callable<?> work) {
        try {
            return STANDARD.ofResult(work.call());
        } catch (IOException failed) {
            // As it reaches a guard through most frameworks.
            assertThat(STANDARD.ofException(new UncheckedIOException(failed))).isEqualTo(STANDARD.ofException(failed));
            return STANDARD.ofException(failed);
        } catch (Exception failed) {
            return STANDARD.ofException(failed);
        }
    }
}
