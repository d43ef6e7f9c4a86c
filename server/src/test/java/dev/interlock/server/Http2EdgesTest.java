package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RawHttp2.Frame;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The edges over TLS, where clients speak HTTP/2: the same rules, on streams. */
@Tag("heavy")
class Http2EdgesTest {
    private static RunningServer server;
    private static HttpClient client;

    @BeforeAll
    static void start(@TempDir Path folder) {
        Map<String, String> flags = new HashMap<>(Certificate.in(folder));
        flags.put("request-timeout", "2s");
        server = new RunningServer(flags);
        client =
                HttpClient.newBuilder().sslContext(Certificate.trustingClient()).build();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void every_answer_over_tls_asks_for_tls_from_then_on(HttpClient.Version version) throws Exception {
        for (String path : List.of("/healthz", "/", "/nowhere", "/api/v1/keys")) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(uri(path)).version(version).build(), BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(version);
            assertThat(answer.headers().firstValue("Strict-Transport-Security")).contains("max-age=31536000");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        }
    }

    @Test
    void a_key_may_be_in_pkcs_1(@TempDir Path folder) throws Exception {
        try (RunningServer older = new RunningServer(Certificate.withOlderKey(folder))) {
            URI health = URI.create("https://127.0.0.1:" + older.server().port() + "/healthz");
            assertThat(client.send(HttpRequest.newBuilder(health).build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    /** Heads that RFC 9113 calls malformed, or that a proxy could read in another way. */
    static Stream<List<String>> malformed() {
        return Stream.of(
                List.of("transfer-encoding", "chunked"),
                List.of("connection", "close"),
                List.of("keep-alive", "1"),
                List.of("upgrade", "websocket"),
                List.of("te", "gzip"),
                List.of("X-Upper", "y"),
                List.of("", "nameless"),
                List.of("host", "a", "host", "b"),
                List.of("content-length", "5"),
                List.of("content-length", "0", "content-length", "1"),
                List.of(":path", "/metrics"),
                List.of(":made-up", "x"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void a_malformed_head_is_not_answered_as_if_it_were_well(List<String> fields) {
        List<String> all =
                new ArrayList<>(List.of(":method", "GET", ":scheme", "https", ":authority", "x", ":path", "/healthz"));
        all.addAll(fields);
        try (RawHttp2 http2 = new RawHttp2(server)) {
            http2.send(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                    1,
                    RawHttp2.head(all.toArray(new String[0])));
            Frame answer = http2.next();
            if (answer != null && answer.type() == RawHttp2.HEADERS) {
                assertThat(answer.status()).isEqualTo(400);
            } else if (answer != null) {
                assertThat(answer.type()).isIn(RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
            }
        }
    }

    @Test
    void headers_without_end_are_refused() {
        try (RawHttp2 http2 = new RawHttp2(server)) {
            http2.send(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                    1,
                    RawHttp2.head(
                            ":method",
                            "GET",
                            ":scheme",
                            "https",
                            ":authority",
                            "x",
                            ":path",
                            "/healthz",
                            "x-long",
                            "y".repeat(16_200)));
            http2.send(RawHttp2.HEADERS, 0, 3, RawHttp2.head("x-long", "y".repeat(16_000)));
            for (int i = 0; i < 3; i++) {
                http2.send(9, 0, 3, RawHttp2.head("x-more", "y".repeat(16_000)));
            }
            Frame answer = http2.next();
            while (answer != null && answer.type() != RawHttp2.GOAWAY) {
                if (answer.type() == RawHttp2.HEADERS && answer.stream() == 3) {
                    assertThat(answer.status()).isGreaterThanOrEqualTo(400);
                    return;
                }
                answer = http2.next();
            }
        }
    }

    @Test
    void a_body_that_drips_is_ended_with_408_and_its_stream_reset() {
        try (RawHttp2 http2 = new RawHttp2(server)) {
            begin(http2, RunningServer.token("agent@slow"), "/api/v1/outcomes");
            http2.send(RawHttp2.DATA, 0, 1, new byte[] {'\n'});
            assertThat(http2.next(RawHttp2.HEADERS).status()).isEqualTo(408);
            assertThat(http2.next(RawHttp2.DATA).text()).contains("\"too-slow\"");
            assertThat(http2.next(RawHttp2.RST_STREAM).stream()).isEqualTo(1);
        }
    }

    @Test
    void a_removed_key_ends_its_open_body() throws Exception {
        JsonObject key = json(call("POST", "/api/v1/keys", "{\"name\":\"x\",\"role\":\"agent\"}"));
        try (RawHttp2 http2 = new RawHttp2(server)) {
            begin(http2, key.getString("key"), "/api/v1/outcomes");
            http2.send(RawHttp2.DATA, 0, 1, new byte[] {'\n'});
            assertThat(call("DELETE", "/api/v1/keys/" + key.getString("id"), null)
                            .statusCode())
                    .isEqualTo(204);
            http2.send(
                    RawHttp2.DATA,
                    0,
                    1,
                    "{\"agent_id\":\"a\",\"outcome\":\"failure\"}\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(http2.next(RawHttp2.HEADERS).status()).isEqualTo(401);
        }
        assertThat(json(call("GET", "/api/v1/circuits/a", null)).getInteger("failure_count"))
                .isZero();
    }

    @Test
    void a_body_is_held_to_its_limit() {
        try (RawHttp2 http2 = new RawHttp2(server)) {
            begin(http2, RunningServer.token("agent@long"), "/api/v1/circuits/a/outcomes");
            byte[] piece = new byte[16_000];
            for (int i = 0; i < 4; i++) {
                http2.send(RawHttp2.DATA, 0, 1, piece);
            }
            http2.send(RawHttp2.DATA, 0, 1, new byte[1_500]);
            http2.send(RawHttp2.DATA, 0, 1, new byte[37]);
            assertThat(http2.next(RawHttp2.HEADERS).status()).isEqualTo(413);
        }
    }

    @Test
    void a_connection_that_only_pings_is_closed() {
        try (RawHttp2 http2 = new RawHttp2(server)) {
            http2.send(RawHttp2.PING, 0, 0, new byte[8]);
            Frame last = http2.next();
            assertThat(last == null || last.type() == RawHttp2.GOAWAY).isTrue();
        }
    }

    private static void begin(RawHttp2 http2, String credential, String path) {
        http2.send(
                RawHttp2.HEADERS,
                RawHttp2.END_HEADERS,
                1,
                RawHttp2.head(
                        ":method",
                        "POST",
                        ":scheme",
                        "https",
                        ":authority",
                        "x",
                        ":path",
                        path,
                        "authorization",
                        "Bearer " + credential));
    }

    private static HttpResponse<String> call(String method, String path, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Authorization", "Bearer " + RunningServer.token("admin@revoked"))
                        .header("Content-Type", "application/json")
                        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static URI uri(String path) {
        return URI.create("https://127.0.0.1:" + server.server().port() + path);
    }
}
