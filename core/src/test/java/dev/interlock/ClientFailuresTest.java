package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.openai.errors.StandIns;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients say by texts, codes and statuses, together and against each other. */
class ClientFailuresTest {
    private static Outcome of(Throwable thrown) {
        return FailureClassifier.standard().ofException(thrown);
    }

    private static @Nullable FailureKind kindOf(Throwable thrown) {
        return of(thrown).kind();
    }

    private static StandIns.Service service(int status, @Nullable String code, @Nullable String retryAfter) {
        return new StandIns.Service(
                status, code, "", retryAfter == null ? Map.of() : Map.of("retry-after", List.of(retryAfter)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 header parser received no bytes",
                "EOF reached while reading",
                "unexpected end of stream on http://127.0.0.1/...",
                " Connection reset ",
                "stream was reset: REFUSED_STREAM",
                "h2: GOAWAY received",
                "request not processed by peer"
            })
    void a_broken_connection_is_known_by_its_text(String text) {
        assertThat(kindOf(new IOException(text))).isEqualTo(FailureKind.CONNECTION);
        assertThat(kindOf(new EOFException(text))).isEqualTo(FailureKind.CONNECTION);
        assertThat(kindOf(new IOException(text) {}))
                .as("a class of its own says more")
                .isEqualTo(FailureKind.ERROR);
        assertThat(kindOf(new IllegalStateException(text)))
                .as("no end of a connection")
                .isEqualTo(FailureKind.ERROR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Canceled", " request cancelled ", "Request canceled", "stream was reset: CANCEL"})
    void a_cancelled_call_is_known_by_its_text(String text) {
        assertThat(kindOf(new IOException(text))).isEqualTo(FailureKind.CANCELLED);
    }

    @Test
    void a_time_limit_that_calls_itself_a_cancellation_is_a_time_out() {
        assertThat(kindOf(new HttpTimeoutException("Request cancelled"))).isEqualTo(FailureKind.TIMEOUT);
    }

    /** Half an answer is no JSON either, but that is not what went wrong. */
    @Test
    void an_answer_that_cannot_be_read_since_its_connection_ended_is_a_lost_connection() {
        assertThat(kindOf(new JsonMappingException(null, "no JSON", new SocketException("Connection reset"))))
                .isEqualTo(FailureKind.CONNECTION);
        assertThat(kindOf(new JsonMappingException(null, "no JSON", new SocketTimeoutException("Read timed out"))))
                .isEqualTo(FailureKind.TIMEOUT);
        assertThat(kindOf(new JsonMappingException(null, "no JSON", new IllegalStateException("half"))))
                .isEqualTo(FailureKind.MALFORMED_OUTPUT);
        assertThat(kindOf(new JsonMappingException(null, "no JSON"))).isEqualTo(FailureKind.MALFORMED_OUTPUT);
    }

    @Test
    void a_socket_closed_by_ones_own_side_is_cancelled_and_a_reset_is_not() {
        for (String own : List.of("Socket closed", "Socket is closed", "Closed by interrupt")) {
            assertThat(kindOf(new SocketException(own))).as(own).isEqualTo(FailureKind.CANCELLED);
        }
        assertThat(kindOf(new SocketException("Connection reset"))).isEqualTo(FailureKind.CONNECTION);
        assertThat(kindOf(new IOException("Socket closed"))).isEqualTo(FailureKind.ERROR);
        assertThat(kindOf(new IOException("closed")))
                .as("no client was reading")
                .isEqualTo(FailureKind.ERROR);
    }

    @Test
    void an_interrupted_read_is_a_time_out_if_it_says_so() {
        assertThat(kindOf(new InterruptedIOException("timeout"))).isEqualTo(FailureKind.TIMEOUT);
        assertThat(kindOf(new InterruptedIOException("interrupted"))).isEqualTo(FailureKind.CANCELLED);
        assertThat(kindOf(new IOException("timeout"))).isEqualTo(FailureKind.ERROR);
    }

    @Test
    void the_end_of_a_file_is_that_of_a_connection_if_a_client_was_reading() {
        assertThat(kindOf(end("okhttp3.internal.http1.Http1ExchangeCodec", 0))).isEqualTo(FailureKind.CONNECTION);
        assertThat(kindOf(end("okhttp3.internal.http1.Http1ExchangeCodec", 7))).isEqualTo(FailureKind.CONNECTION);
        assertThat(kindOf(end("okhttp3.internal.http1.Http1ExchangeCodec", 8)))
                .as("too far away")
                .isEqualTo(FailureKind.ERROR);
        assertThat(kindOf(end("com.acme.Reader", 0))).isEqualTo(FailureKind.ERROR);
    }

    private static EOFException end(String reader, int place) {
        EOFException end = new EOFException();
        StackTraceElement[] frames = new StackTraceElement[place + 1];
        for (int i = 0; i <= place; i++) {
            frames[i] = new StackTraceElement(i == place ? reader : "com.acme.Agent", "read", null, 1);
        }
        end.setStackTrace(frames);
        return end;
    }

    /** As coroutines have it. */
    private static final class TimeoutCancellationException extends CancellationException {}

    @Test
    void a_time_limit_that_cancels_is_a_time_out() {
        assertThat(kindOf(new TimeoutCancellationException())).isEqualTo(FailureKind.TIMEOUT);
        assertThat(kindOf(new CancellationException())).isEqualTo(FailureKind.CANCELLED);

        Exception limit = new IOException("Canceled", new SocketTimeoutException());
        assertThat(kindOf(limit)).isEqualTo(FailureKind.TIMEOUT);
        Exception beneath = new IOException("Canceled", new RuntimeException(new SocketTimeoutException("late")));
        assertThat(kindOf(new RuntimeException(beneath))).isEqualTo(FailureKind.TIMEOUT);
        Exception between = new SocketTimeoutException();
        between.initCause(new IOException("no more"));
        assertThat(kindOf(new IOException("Canceled", between))).isEqualTo(FailureKind.TIMEOUT);
    }

    @ParameterizedTest
    @CsvSource({
        "429 - too many, RATE_LIMITED",
        "HTTP 503 - busy, OVERLOADED",
        "503, OVERLOADED",
        "HTTP 503, OVERLOADED",
        "400, INVALID_REQUEST",
        "599, SERVER_ERROR",
        "Server returned HTTP response code: 500 for URL: http://a/, SERVER_ERROR",
        "HTTP response code: 500, SERVER_ERROR",
        "399, ERROR",
        "600, ERROR",
        "0:0, ERROR",
        "4/0, ERROR",
        "50, ERROR",
        "5000, ERROR",
        "HTTP 50, ERROR",
        "503 agents, ERROR",
        "HTTP response code: 50, ERROR",
        "HTTP response code: unknown, ERROR",
        "'', ERROR"
    })
    void a_status_in_a_text_is_read_where_clients_put_it(String text, FailureKind kind) {
        assertThat(kindOf(new RuntimeException(text))).isEqualTo(kind);
    }

    @Test
    void a_text_names_mark_and_wait() {
        assertThat(of(new RuntimeException("429 - {\"code\":\"rate_limit_exceeded\"}, try again in 7s")))
                .isEqualTo(Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(Duration.ofSeconds(7)));
        assertThat(kindOf(new RuntimeException("{\"code\":\"insufficient_quota\"}")))
                .isEqualTo(FailureKind.QUOTA_EXHAUSTED);
        assertThat(kindOf(new RuntimeException("503", new RuntimeException("429"))))
                .as("the outermost that says something")
                .isEqualTo(FailureKind.OVERLOADED);
        for (String nothing : List.of("all is lost", "end", "HTTP response code: 5")) {
            assertThat(kindOf(new RuntimeException(nothing, new RuntimeException("429"))))
                    .as(nothing)
                    .isEqualTo(FailureKind.RATE_LIMITED);
        }
    }

    @Test
    void a_code_wins_over_a_status_unless_it_is_broad() {
        assertThat(kindOf(service(429, "insufficient_quota", null))).isEqualTo(FailureKind.QUOTA_EXHAUSTED);
        assertThat(kindOf(service(429, "invalid_request_error", null))).isEqualTo(FailureKind.RATE_LIMITED);
        assertThat(kindOf(service(503, "server_error", null))).isEqualTo(FailureKind.OVERLOADED);
        assertThat(kindOf(service(-1, "server_error", null))).isEqualTo(FailureKind.SERVER_ERROR);
        assertThat(kindOf(service(-1, "invalid_request_error", null))).isEqualTo(FailureKind.INVALID_REQUEST);
        assertThat(kindOf(service(400, null, null))).isEqualTo(FailureKind.INVALID_REQUEST);
        assertThat(kindOf(service(399, null, null))).isEqualTo(FailureKind.ERROR);
    }

    @Test
    void of_a_chain_the_outermost_status_mark_and_wait_decide() {
        StandIns.Service outer = service(503, null, "5");
        outer.initCause(service(401, "insufficient_quota", "9"));
        assertThat(of(outer))
                .isEqualTo(Outcome.failure(FailureKind.QUOTA_EXHAUSTED).retryAfter(Duration.ofSeconds(5)));

        StandIns.Service broad = service(500, "server_error", null);
        broad.initCause(service(401, "insufficient_quota", "9"));
        assertThat(of(broad))
                .as("a broad mark gives way to a finer one")
                .isEqualTo(Outcome.failure(FailureKind.QUOTA_EXHAUSTED).retryAfter(Duration.ofSeconds(9)));

        StandIns.Service fine = service(429, "rate_limit_exceeded", null);
        fine.initCause(service(401, "insufficient_quota", null));
        assertThat(kindOf(fine)).isEqualTo(FailureKind.RATE_LIMITED);

        StandIns.Service plain = service(429, null, null);
        plain.initCause(service(401, null, null));
        assertThat(kindOf(plain)).isEqualTo(FailureKind.RATE_LIMITED);
    }

    @Test
    void a_limit_of_more_than_a_day_is_a_quota() {
        assertThat(kindOf(service(429, null, "86400"))).isEqualTo(FailureKind.RATE_LIMITED);
        assertThat(kindOf(service(429, null, "86401"))).isEqualTo(FailureKind.QUOTA_EXHAUSTED);
        assertThat(kindOf(service(503, null, "86401"))).isEqualTo(FailureKind.OVERLOADED);
    }

    @Test
    void a_used_up_quota_that_names_a_wait_is_a_rate() {
        String text = "You exceeded your current quota";
        assertThat(kindOf(new StandIns.Service(-1, null, text, Map.of()))).isEqualTo(FailureKind.QUOTA_EXHAUSTED);
        assertThat(kindOf(new StandIns.Service(-1, null, text, Map.of("retry-after", List.of("7")))))
                .isEqualTo(FailureKind.RATE_LIMITED);
    }

    @Test
    void a_wait_is_kept_together_with_a_kind_that_a_class_names() {
        var thrown = new SocketTimeoutException();
        thrown.initCause(service(-1, null, "7"));
        assertThat(of(thrown)).isEqualTo(Outcome.failure(FailureKind.TIMEOUT).retryAfter(Duration.ofSeconds(7)));
    }

    @Test
    void answers_are_judged_by_status_code_and_wait_and_other_results_are_successes() {
        FailureClassifier standard = FailureClassifier.standard();

        assertThat(standard.ofResult(new okhttp3.Response(429, "7", "{\"code\":\"insufficient_quota\"}")))
                .isEqualTo(Outcome.failure(FailureKind.QUOTA_EXHAUSTED).retryAfter(Duration.ofSeconds(7)));
        assertThat(standard.ofResult(new okhttp3.Response(400, null, "")))
                .isEqualTo(Outcome.failure(FailureKind.INVALID_REQUEST));
        assertThat(standard.ofResult(new okhttp3.Response(399, null, ""))).isEqualTo(Outcome.success());
        assertThat(standard.ofResult(new Object())).isEqualTo(Outcome.success());
        assertThat(standard.ofResult("HTTP 503")).isEqualTo(Outcome.success());
        assertThat(standard.ofResult(503)).isEqualTo(Outcome.success());
        assertThat(standard.ofResult(null)).isEqualTo(Outcome.success());
        FailureClassifier plain = thrown -> Outcome.failure(FailureKind.ERROR);
        assertThat(plain.ofResult(new okhttp3.Response(503, null, ""))).isEqualTo(Outcome.success());
    }

    @Test
    void a_refusal_by_one_of_our_circuits_wins_over_all_that_is_around_it() {
        String refused = "{\"error\":{\"type\":\"overloaded_error\",\"code\":\"circuit_open\"}}";
        assertThat(kindOf(new StandIns.Service(503, "overloaded_error", refused, Map.of())))
                .as("with another code")
                .isEqualTo(FailureKind.DOWNSTREAM_OPEN);

        StandIns.Service limited = service(429, "rate_limit_exceeded", "7");
        limited.initCause(new StandIns.Service(503, null, refused, Map.of()));
        assertThat(kindOf(limited)).as("below another one").isEqualTo(FailureKind.DOWNSTREAM_OPEN);

        assertThat(kindOf(new RuntimeException("503 - busy", new RuntimeException(refused))))
                .as("in a text below another text")
                .isEqualTo(FailureKind.DOWNSTREAM_OPEN);
        assertThat(kindOf(new SocketTimeoutException("late: " + refused)))
                .as("in the text of a class that is known")
                .isEqualTo(FailureKind.DOWNSTREAM_OPEN);
        assertThat(kindOf(new RuntimeException("failed: " + refused, service(500, null, null))))
                .as("in a text around a status")
                .isEqualTo(FailureKind.DOWNSTREAM_OPEN);
    }

    @Test
    void a_time_limit_behind_a_cancellation_that_a_code_or_a_status_names_is_a_time_out() {
        StandIns.Service cancelled = service(-1, "CANCELLED", null);
        cancelled.initCause(new java.util.concurrent.TimeoutException("context timed out"));
        assertThat(kindOf(cancelled)).isEqualTo(FailureKind.TIMEOUT);

        StandIns.Service closed = service(499, null, null);
        closed.initCause(new SocketTimeoutException());
        assertThat(kindOf(closed)).isEqualTo(FailureKind.TIMEOUT);

        assertThat(kindOf(service(-1, "CANCELLED", null))).isEqualTo(FailureKind.CANCELLED);
        assertThat(kindOf(service(499, null, null))).isEqualTo(FailureKind.CANCELLED);
    }

    /** RFC 9110, section 15: a client treats them as a server error. */
    @Test
    void a_status_that_http_does_not_have_is_a_server_error() {
        for (int none : List.of(600, 999)) {
            assertThat(FailureClassifier.standard().ofResult(new okhttp3.Response(none, null, "")))
                    .as("answer of %d", none)
                    .isEqualTo(Outcome.failure(FailureKind.SERVER_ERROR));
            assertThat(kindOf(service(none, null, null)))
                    .as("exception of %d", none)
                    .isEqualTo(FailureKind.SERVER_ERROR);
        }
        for (int none : List.of(0, 99)) {
            assertThat(FailureClassifier.standard().ofResult(new okhttp3.Response(none, null, "")))
                    .as("answer of %d", none)
                    .isEqualTo(Outcome.failure(FailureKind.SERVER_ERROR));
        }
    }

    @Test
    void an_interrupted_wait_of_io_is_a_time_out_however_it_says_so() {
        for (String text : List.of("timeout", "Timeout", "timed out", "Read timed out")) {
            assertThat(kindOf(new InterruptedIOException(text))).as(text).isEqualTo(FailureKind.TIMEOUT);
        }
        assertThat(kindOf(new InterruptedIOException("interrupted"))).isEqualTo(FailureKind.CANCELLED);
    }

    /** One of a user's own, with a status and a wait. */
    private static final class Own extends RuntimeException {
        private final int status;
        private final @Nullable Duration wait;

        Own(int status, @Nullable Duration wait) {
            this.status = status;
            this.wait = wait;
        }
    }

    private final FailureClassifier withStatus = FailureClassifier.standard().status(Own.class, each -> each.status);
    private final FailureClassifier withWait = FailureClassifier.standard().retryAfter(Own.class, each -> each.wait);

    @Test
    void a_status_of_ones_own_decides_anywhere_in_the_chain_and_another_number_does_not() {
        assertThat(withStatus
                        .ofException(new RuntimeException(new Own(503, null)))
                        .kind())
                .isEqualTo(FailureKind.OVERLOADED);
        assertThat(withStatus.ofException(new Own(0, null)).kind()).isEqualTo(FailureKind.ERROR);
        assertThat(withStatus.ofException(new Own(204, null))).isEqualTo(Outcome.success());
        assertThat(withStatus.ofException(new SocketTimeoutException()).kind()).isEqualTo(FailureKind.TIMEOUT);
    }

    @Test
    void a_status_of_ones_own_keeps_the_wait_that_was_there() {
        Own own = new Own(503, null);
        own.initCause(service(-1, null, "7"));
        assertThat(withStatus.ofException(own))
                .isEqualTo(Outcome.failure(FailureKind.OVERLOADED).retryAfter(Duration.ofSeconds(7)));
        Own good = new Own(204, null);
        good.initCause(service(-1, null, "7"));
        assertThat(withStatus.ofException(good)).isEqualTo(Outcome.success());
    }

    @Test
    void a_wait_of_ones_own_is_longer_than_zero_and_belongs_to_failures() {
        assertThat(withWait.ofException(new Own(0, Duration.ofNanos(1))).retryAfter())
                .isEqualTo(Duration.ofNanos(1));
        assertThat(withWait.ofException(new Own(0, Duration.ZERO)).retryAfter()).isNull();
        assertThat(withWait.ofException(new Own(0, Duration.ofNanos(-1))).retryAfter())
                .isNull();
        assertThat(withWait.ofException(new Own(0, null)).retryAfter()).isNull();
        FailureClassifier both = withStatus.retryAfter(Own.class, each -> each.wait);
        assertThat(both.ofException(new Own(204, Duration.ofSeconds(7)))).isEqualTo(Outcome.success());
    }

    @Test
    void a_result_of_ones_own_is_judged_by_its_judge_and_others_are_not() {
        FailureClassifier strict = FailureClassifier.standard()
                .result(
                        String.class,
                        text -> text.isEmpty() ? Outcome.failure(FailureKind.EMPTY_RESPONSE) : Outcome.success());

        assertThat(strict.ofResult("").kind()).isEqualTo(FailureKind.EMPTY_RESPONSE);
        assertThat(strict.ofResult("plan")).isEqualTo(Outcome.success());
        assertThat(strict.ofResult(new okhttp3.Response(503, null, "")).kind()).isEqualTo(FailureKind.OVERLOADED);
    }
}
