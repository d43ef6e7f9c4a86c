package dev.interlock.facts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers of HTTP clients that a call returned: which results they are, and what is read of them. */
class ResponsesTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final String QUOTA = "{\"error\":{\"code\":\"insufficient_quota\"}}";

    private HttpServer server;
    private volatile int status = 200;
    private volatile String body = "";
    private volatile String retryAfter = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(UTF_8);
            if (!retryAfter.isEmpty()) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter);
            }
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void a_good_answer_of_the_jdk_has_its_status_and_no_mark_unless_all_it_says_is_an_error() throws Exception {
        body = "They answered " + QUOTA;
        retryAfter = "7";
        for (int good : List.of(200, 399)) {
            status = good;
            assertThat(Responses.facts(answer(BodyHandlers.ofString()), NOW)).isEqualTo(new Facts(good, null, null));
        }
        status = 200;
        body = QUOTA;
        assertThat(Responses.facts(answer(BodyHandlers.ofString()), NOW))
                .isEqualTo(new Facts(500, ErrorMark.QUOTA, Duration.ofSeconds(7)));
    }

    @Test
    void a_failed_answer_of_the_jdk_is_read_by_status_body_and_headers() throws Exception {
        status = 400;
        body = QUOTA;
        retryAfter = "7";
        Facts all = new Facts(400, ErrorMark.QUOTA, Duration.ofSeconds(7));

        assertThat(Responses.facts(answer(BodyHandlers.ofString()), NOW)).isEqualTo(all);
        assertThat(Responses.facts(answer(BodyHandlers.ofByteArray()), NOW)).isEqualTo(all);
    }

    @Test
    void a_body_that_its_handler_has_read_into_maps_is_read_too() throws Exception {
        status = 429;
        body = QUOTA;
        BodyHandler<Map<String, Object>> intoMaps =
                head -> BodySubscribers.replacing(Map.of("error", Map.of("code", "insufficient_quota")));

        assertThat(Responses.facts(answer(intoMaps), NOW)).isEqualTo(new Facts(429, ErrorMark.QUOTA, null));
    }

    @Test
    void a_status_that_http_does_not_have_is_a_server_error() throws Exception {
        status = 999;
        assertThat(Responses.facts(answer(BodyHandlers.ofString()), NOW)).isEqualTo(new Facts(500, null, null));
    }

    @Test
    void a_body_that_nobody_has_read_is_left_to_its_reader() throws Exception {
        status = 429;
        body = QUOTA;
        HttpResponse<InputStream> answer = answer(BodyHandlers.ofInputStream());

        assertThat(Responses.facts(answer, NOW)).isEqualTo(new Facts(429, null, null));
        assertThat(answer.body().readAllBytes()).asString(UTF_8).isEqualTo(QUOTA);
    }

    @Test
    void of_a_long_body_the_beginning_is_read() throws Exception {
        status = 429;
        body = " ".repeat(ErrorMarks.LONGEST - QUOTA.length()) + QUOTA;
        assertThat(Responses.facts(answer(BodyHandlers.ofByteArray()), NOW).mark())
                .isEqualTo(ErrorMark.QUOTA);

        body = " ".repeat(ErrorMarks.LONGEST) + QUOTA;
        assertThat(Responses.facts(answer(BodyHandlers.ofByteArray()), NOW).mark())
                .isNull();
    }

    @Test
    void an_answer_of_OkHttp_is_peeked_at_and_stays_for_its_reader() {
        var answer = new okhttp3.Response(429, "7", QUOTA);

        assertThat(Responses.facts(answer, NOW)).isEqualTo(new Facts(429, ErrorMark.QUOTA, Duration.ofSeconds(7)));
        assertThat(answer.body().string()).isEqualTo(QUOTA);
        assertThat(Responses.facts(answer, NOW))
                .as("read before")
                .isEqualTo(new Facts(429, null, Duration.ofSeconds(7)));
    }

    @Test
    void a_good_answer_of_others_has_its_status_alone() {
        assertThat(Responses.facts(new okhttp3.Response(399, "7", QUOTA), NOW)).isEqualTo(new Facts(399, null, null));
        assertThat(Responses.facts(new okhttp3.Response(400, "7", QUOTA), NOW))
                .isEqualTo(new Facts(400, ErrorMark.QUOTA, Duration.ofSeconds(7)));
    }

    @Test
    void answers_are_known_by_class_interface_and_what_they_extend() throws Exception {
        assertThat(Responses.isOne(answer(BodyHandlers.ofString()))).isTrue();
        assertThat(Responses.isOne(new okhttp3.Response(200, null, ""))).isTrue();
        assertThat(Responses.isOne(new okhttp3.Response(200, null, "")))
                .as("again")
                .isTrue();
        assertThat(Responses.isOne(new OfApache())).isTrue();
        assertThat(Responses.isOne(new OfApache() {})).isTrue();
    }

    @Test
    void other_results_are_none_the_first_time_and_again() {
        for (Object result : List.of("text", 7, List.of(), new Object(), new ResponsesTest())) {
            assertThat(Responses.isOne(result)).isFalse();
            assertThat(Responses.isOne(result)).as("again").isFalse();
        }
    }

    @Test
    void of_a_class_that_was_never_seen_before_neither() throws Exception {
        URL[] here = {ResponsesTest.class.getProtectionDomain().getCodeSource().getLocation()};
        try (URLClassLoader loader = new URLClassLoader(here, ClassLoader.getPlatformClassLoader())) {
            Object unseen = loader.loadClass("com.openai.errors.StandIns$Mixed")
                    .getConstructor()
                    .newInstance();
            assertThat(Responses.isOne(unseen)).isFalse();
        }
    }

    private static class OfApache implements org.apache.http.HttpResponse {}

    private <T> HttpResponse<T> answer(BodyHandler<T> handler) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), handler);
    }
}
