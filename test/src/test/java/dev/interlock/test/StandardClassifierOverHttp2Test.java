package dev.interlock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.test.Http2Server.Fault;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the standard classifier says where many calls share a connection, and one of them or all end by frames. */
class StandardClassifierOverHttp2Test {
    private static final FailureClassifier STANDARD = FailureClassifier.standard();

    private final Http2Server server = new Http2Server();
    private final HttpClient jdk = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final OkHttpClient okHttp = new OkHttpClient.Builder()
            .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
            .retryOnConnectionFailure(false)
            .callTimeout(10, TimeUnit.SECONDS)
            .build();

    @AfterEach
    void stop() {
        server.close();
        okHttp.dispatcher().executorService().shutdownNow();
        okHttp.connectionPool().evictAll();
    }

    @ParameterizedTest
    @CsvSource({
        "GOAWAY, CONNECTION",
        "GOAWAY_IN_BODY, CONNECTION",
        "REFUSED_STREAM, CONNECTION",
        "INTERNAL_ERROR, CONNECTION",
        "INTERNAL_ERROR_IN_BODY, CONNECTION",
        "ENHANCE_YOUR_CALM, CONNECTION",
        "CANCEL_IN_BODY, CONNECTION",
        "FIN, CONNECTION",
        "FIN_IN_BODY, CONNECTION",
        "RST, CONNECTION",
        "RST_IN_BODY, CONNECTION",
        "STATUS_503, OVERLOADED",
        "STATUS_529, OVERLOADED",
    })
    void of_the_jdks_client(Fault fault, FailureKind kind) throws Exception {
        upgrade();

        assertThat(ofJdk(fault)).satisfies(outcome -> assertThat(outcome.kind()).isEqualTo(kind));
        assertThat(server.asked()).contains(fault.path());
    }

    @ParameterizedTest
    @CsvSource({
        "GOAWAY, CONNECTION",
        "REFUSED_STREAM, CONNECTION",
        "INTERNAL_ERROR, CONNECTION",
        "INTERNAL_ERROR_IN_BODY, CONNECTION",
        "ENHANCE_YOUR_CALM, CONNECTION",
        "RST, CONNECTION",
        "RST_IN_BODY, CONNECTION",
        "STATUS_503, OVERLOADED",
        "STATUS_529, OVERLOADED",
        // In these the client reports the end in the words of its own giving up, which nobody can distinguish.
        "GOAWAY_IN_BODY, CANCELLED",
        "CANCEL_IN_BODY, CANCELLED",
        "FIN, CANCELLED",
        "FIN_IN_BODY, CANCELLED",
    })
    void of_OkHttp(Fault fault, FailureKind kind) {
        assertThat(ofOkHttp(call(fault)).kind()).isEqualTo(kind);
        assertThat(server.asked()).contains(fault.path());
    }

    @Test
    void a_good_answer_is_a_success() throws Exception {
        upgrade();
        assertThat(ofJdk(Fault.NONE)).isEqualTo(Outcome.success());
        assertThat(ofOkHttp(call(Fault.NONE))).isEqualTo(Outcome.success());
        assertThat(server.asked()).hasSize(3);
    }

    @Test
    void time_limits_are_time_outs() throws Exception {
        upgrade();
        assertThat(of(() -> jdk.send(
                                request(Fault.STALL)
                                        .timeout(Duration.ofMillis(100))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString()))
                        .kind())
                .isEqualTo(FailureKind.TIMEOUT);
        OkHttpClient reading =
                okHttp.newBuilder().readTimeout(100, TimeUnit.MILLISECONDS).build();
        assertThat(ofOkHttp(reading.newCall(get(Fault.STALL))).kind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(ofOkHttp(reading.newCall(get(Fault.STALL_IN_BODY))).kind()).isEqualTo(FailureKind.TIMEOUT);
        OkHttpClient calling =
                okHttp.newBuilder().callTimeout(100, TimeUnit.MILLISECONDS).build();
        assertThat(ofOkHttp(calling.newCall(get(Fault.STALL_IN_BODY))).kind()).isEqualTo(FailureKind.TIMEOUT);
    }

    @Test
    void what_the_caller_gives_up_is_cancelled_before_during_and_in_the_stream() throws Exception {
        Call before = call(Fault.STALL);
        before.cancel();
        assertThat(ofOkHttp(before).kind()).as("before").isEqualTo(FailureKind.CANCELLED);

        Call during = call(Fault.STALL);
        onceAsked(1, during::cancel);
        assertThat(ofOkHttp(during).kind()).as("during").isEqualTo(FailureKind.CANCELLED);

        Call streaming = call(Fault.STALL_IN_BODY);
        assertThat(of(() -> {
                            try (Response response = streaming.execute()) {
                                BufferedSource pieces = response.body().source();
                                assertThat(pieces.readUtf8LineStrict()).isEqualTo("data: half");
                                streaming.cancel();
                                return pieces.readUtf8();
                            }
                        })
                        .kind())
                .as("in the stream")
                .isEqualTo(FailureKind.CANCELLED);
        await().untilAsserted(() ->
                assertThat(server.resets()).as("what the server hears of it").contains(Http2Error.CANCEL.code()));

        upgrade();
        int asked = server.asked().size();
        CompletableFuture<HttpResponse<String>> ofJdk =
                jdk.sendAsync(request(Fault.STALL).build(), HttpResponse.BodyHandlers.ofString());
        await().until(() -> server.asked().size() > asked);
        ofJdk.cancel(true);
        assertThat(of(ofJdk::get).kind()).as("of the JDK's client").isEqualTo(FailureKind.CANCELLED);
    }

    /** Over one connection, as a gateway has it: what their users give up must not shut the model for all. */
    @Test
    void users_who_press_stop_do_not_shut_a_model() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended())) {
            Guard planner = circuits.guard("planner").dependingOn("model:m");
            for (int user = 1; user <= 10; user++) {
                Call call = call(Fault.STALL_IN_BODY);
                onceAsked(user, call::cancel);
                try {
                    planner.call(() -> {
                        try (Response response = call.execute()) {
                            return response.body().string();
                        }
                    });
                } catch (IOException stopped) {
                    assertThat(stopped).isNotNull();
                }
            }

            assertThat(circuits.snapshot(CircuitId.of("model:m")).state()).isEqualTo(CircuitState.CLOSED);
            assertThat(circuits.snapshot(CircuitId.of("model:m")).figures().failures())
                    .isZero();
            assertThat(circuits.snapshot(CircuitId.of("planner")).figures().failures())
                    .isZero();
        }
    }

    /** The JDK's client asks for HTTP/2 with its first request, and speaks it from the next one on. */
    private void upgrade() throws Exception {
        HttpResponse<String> first = jdk.send(request(Fault.NONE).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);
    }

    private HttpRequest.Builder request(Fault fault) {
        return HttpRequest.newBuilder(server.uri(fault));
    }

    private Outcome ofJdk(Fault fault) {
        return of(() -> jdk.send(request(fault).build(), HttpResponse.BodyHandlers.ofString()));
    }

    private Request get(Fault fault) {
        return new Request.Builder().url(server.uri(fault).toString()).build();
    }

    private Call call(Fault fault) {
        return okHttp.newCall(get(fault));
    }

    private static Outcome ofOkHttp(Call call) {
        return of(() -> {
            Response response = call.execute();
            if (response.isSuccessful()) {
                response.body().string();
            }
            return response;
        });
    }

    private void onceAsked(int requests, Runnable work) {
        Thread other = new Thread(() -> {
            await().until(() -> server.asked().size() >= requests);
            work.run();
        });
        other.setDaemon(true);
        other.start();
    }

    private static Outcome of(Callable<?> work) {
        try {
            return STANDARD.ofResult(work.call());
        } catch (Exception failed) {
            return STANDARD.ofException(failed);
        }
    }
}
