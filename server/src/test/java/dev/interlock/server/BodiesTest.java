package dev.interlock.server;

import static dev.interlock.server.RawConnection.head;
import static dev.interlock.server.RunningServer.json;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What bodies may be: one strict JSON everywhere, in UTF-8, within their limits however they are packed. */
@Tag("heavy")
class BodiesTest {
    private static final String OUTCOMES = "/api/v1/outcomes";
    private static final String LOGS = "/api/v1/logs/batch";
    private static final String NDJSON = "application/x-ndjson";
    private static final String JSON = "application/json";
    private static final String LINE = "{\"agent_id\":\"packed\",\"outcome\":\"success\"}\n";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Every call with a body, a body of it that has a name twice, and that name. */
    static Stream<Arguments> doubled() {
        return Stream.of(
                arguments("POST", "/api/v1/circuits/a/action", "{\"action\":\"open\",\"action\":\"close\"}", "action"),
                arguments("POST", "/api/v1/keys", "{\"name\":\"x\",\"role\":\"viewer\",\"role\":\"admin\"}", "role"),
                arguments("PUT", "/api/v1/policies/a", "{\"cooldown\":\"30s\",\"cooldown\":\"1s\"}", "cooldown"),
                arguments(
                        "PUT",
                        "/api/v1/policies/a",
                        "{\"failure_kinds\":{\"ERROR\":\"COUNT\",\"ERROR\":\"TRIP\"}}",
                        "failure_kinds.ERROR"),
                arguments("PUT", "/api/v1/agents/a", "{\"metadata\":{\"team\":\"a\",\"team\":\"b\"}}", "metadata.team"),
                arguments(
                        "POST",
                        "/api/v1/circuits/a/permits",
                        "{\"depends_on\":[],\"depends_on\":[\"x\"]}",
                        "depends_on"),
                arguments(
                        "POST",
                        "/api/v1/circuits/a/outcomes",
                        "{\"outcome\":\"success\",\"outcome\":\"failure\"}",
                        "outcome"),
                arguments("POST", LOGS, "{\"entries\":[],\"entries\":[]}", "entries"),
                arguments("POST", LOGS, "{\"entries\":[],\"logs\":[]}", "entries"));
    }

    @ParameterizedTest
    @MethodSource("doubled")
    void a_name_that_is_there_twice_is_refused_by_its_name(String method, String path, String body, String name) {
        HttpResponse<String> answer = server.send(method, path, "admin@doubled", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(json(answer).getString("detail")).contains(name).contains("twice");
    }

    @Test
    void in_batches_it_is_refused_alone() {
        HttpResponse<String> outcomes = server.post(
                OUTCOMES, "agent@doubled", "[{\"agent_id\":\"a\",\"outcome\":\"success\",\"outcome\":\"failure\"}]");
        assertThat(json(outcomes).getInteger("refused")).isEqualTo(1);
        String good = "{\"agent_id\":\"a\",\"action_type\":\"custom\",\"status\":\"success\",\"timestamp\":\""
                + Instant.now() + "\"";
        HttpResponse<String> logs = server.post(
                LOGS,
                "agent@doubled",
                "{\"entries\":[" + good + ",\"status\":\"failure\"}," + good
                        + ",\"metadata\":{\"deep\":{\"team\":1,\"team\":[{}]},\"x\":{}}}," + good + "}]}");
        assertThat(json(logs).getInteger("accepted")).as(logs.body()).isEqualTo(1);
        assertThat(json(logs).getJsonArray("errors").encode())
                .contains("'status': is there twice", "metadata: has 'team' twice");
    }

    /** The calls with a body and a good one of each. */
    static Stream<Arguments> bodies() {
        return Stream.of(
                arguments("POST", "/api/v1/circuits/a/action", "{\"action\":\"close\"}"),
                arguments("PUT", "/api/v1/agents/a", "{\"display_name\":\"a\"}"),
                arguments("POST", "/api/v1/circuits/a/permits", "{\"depends_on\":[]}"),
                arguments("POST", "/api/v1/circuits/a/outcomes", "{\"outcome\":\"success\"}"),
                arguments("POST", LOGS, "{\"entries\":[]}"));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void json_is_utf_8_and_nothing_else(String method, String path, String body) {
        assertThat(send(method, path, JSON, null, body.getBytes(UTF_8)).statusCode())
                .isEqualTo(200);
        for (Charset wide :
                List.of(UTF_16, UTF_16BE, UTF_16LE, Charset.forName("UTF-32"), Charset.forName("UTF-32LE"))) {
            HttpResponse<String> answer = send(method, path, JSON, null, body.getBytes(wide));
            assertThat(answer.statusCode()).as(wide + answer.body()).isEqualTo(400);
        }
        assertThat(send(
                                method,
                                path,
                                JSON,
                                null,
                                body.replace("\":", "\u00fc\":").getBytes(ISO_8859_1))
                        .statusCode())
                .isEqualTo(400);
        for (String type :
                List.of("charset=utf-16", "charset=iso-8859-1", "charset=\"latin1\"", "x=y; charset=ascii")) {
            HttpResponse<String> answer = send(method, path, JSON + "; " + type, null, body.getBytes(UTF_8));
            assertThat(answer.statusCode()).isEqualTo(415);
            assertThat(json(answer).getString("detail")).contains("charset=utf-8");
        }
        for (String type : List.of("charset=utf-8", "charset=\"UTF-8\"", "profile=x")) {
            assertThat(send(method, path, JSON + "; " + type, null, body.getBytes(UTF_8))
                            .statusCode())
                    .as(type)
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void a_coding_that_is_not_known_is_415_that_names_it(String method, String path, String body) {
        for (String coding : List.of("br", "deflate", "zstd", "gzip, gzip", "nonsense")) {
            HttpResponse<String> answer = send(method, path, JSON, coding, body.getBytes(UTF_8));
            assertThat(answer.statusCode()).as(coding).isEqualTo(415);
            assertThat(json(answer).getString("detail")).contains("'" + coding + "'");
            assertThat(answer.headers().firstValue("Accept-Encoding")).isPresent();
        }
        assertThat(send(method, path, JSON, "identity", body.getBytes(UTF_8)).statusCode())
                .isEqualTo(200);
        boolean large = path.equals(LOGS);
        assertThat(send(method, path, JSON, "gzip", gzip(body)).statusCode()).isEqualTo(large ? 200 : 415);
    }

    @Test
    void outcomes_and_logs_come_as_gzip_whole_in_members_and_byte_by_byte() {
        String lines = LINE.repeat(3_000);
        HttpResponse<String> whole = send("POST", OUTCOMES, NDJSON, "gzip", gzip(lines));
        assertThat(json(whole).getInteger("counted")).as(whole.body()).isEqualTo(3_000);
        byte[] members = join(gzip(LINE.repeat(5)), withNameAndComment(LINE.repeat(7)));
        assertThat(json(send("POST", OUTCOMES, NDJSON, "x-gzip", members)).getInteger("counted"))
                .isEqualTo(12);
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(head("POST", OUTCOMES, "agent@packed") + "Content-Type: " + NDJSON
                    + "\r\nContent-Encoding: gzip\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (byte each : members) {
                connection.send(new byte[] {'1', '\r', '\n', each, '\r', '\n'});
            }
            assertThat(connection.send("0\r\n\r\n").readAll()).contains("\"counted\":12");
        }
        String entry = "{\"agent_id\":\"packed\",\"action_type\":\"custom\",\"status\":\"success\",\"timestamp\":\""
                + Instant.now() + "\"}";
        HttpResponse<String> logs = send("POST", LOGS, JSON, "gzip", gzip("{\"entries\":[" + entry + "]}"));
        assertThat(json(logs).getInteger("accepted")).isEqualTo(1);
    }

    @Test
    void gzip_that_is_damaged_cut_or_none_is_400() {
        byte[] good = gzip(LINE);
        byte[] badCheck = good.clone();
        badCheck[badCheck.length - 6] ^= 1;
        byte[] badFlags = good.clone();
        badFlags[3] = (byte) 0xE0;
        byte[] badData = good.clone();
        badData[10] = (byte) 0xFF;
        for (byte[] bad : List.of(
                LINE.getBytes(UTF_8),
                Arrays.copyOf(good, good.length - 1),
                Arrays.copyOf(good, 5),
                badCheck,
                badFlags,
                badData,
                join(good, "more".getBytes(UTF_8)))) {
            for (String path : List.of(OUTCOMES, LOGS)) {
                HttpResponse<String> answer = send("POST", path, JSON, "gzip", bad);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
                assertThat(json(answer).getString("detail")).contains("gzip");
            }
        }
    }

    /** 100 MB of blanks in 100 KB. */
    @Test
    void a_bomb_is_refused_while_it_is_inflated_and_hinders_nobody() {
        byte[] bomb = gzip(100_000_000);
        assertThat(bomb.length).isLessThan(110_000);
        for (String path : List.of(OUTCOMES, LOGS)) {
            HttpResponse<String> answer = send("POST", path, JSON, "gzip", bomb);
            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(json(answer).getString("detail")).contains("inflates to more than 100 times");
        }
        assertThat(server.get("/healthz", null).statusCode()).isEqualTo(200);
    }

    @Test
    void the_limit_is_of_inflated_bytes() {
        StringBuilder entries = new StringBuilder(9_000_000).append("{\"entries\":[");
        for (int i = 0; entries.length() < 8_500_000; i++) {
            entries.append('"').append(Integer.toHexString(i * 0x9E3779B9)).append("\",");
        }
        HttpResponse<String> answer = send("POST", LOGS, JSON, "gzip", gzip(entries + "0]}"));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(json(answer).getString("detail")).contains("8388608");
    }

    @ParameterizedTest
    @ValueSource(strings = {OUTCOMES, LOGS})
    void a_chunked_body_is_held_to_the_limit_of_the_contract(String path) {
        int chunks = path.equals(OUTCOMES) ? 65 : 9;
        byte[] chunk = new byte[1 << 20];
        Arrays.fill(chunk, (byte) '\n');
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(head("POST", path, "agent@packed")
                    + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < chunks; i++) {
                connection.send("100000\r\n").send(chunk).send("\r\n");
            }
            assertThat(connection.readHead()).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void two_content_types_are_one_too_many() {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(head("POST", "/api/v1/circuits/a/outcomes", "agent@packed")
                    + "Content-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
            assertThat(connection.readHead()).startsWith("HTTP/1.1 400 ");
        }
    }

    private static HttpResponse<String> send(String method, String path, String type, String coding, byte[] body) {
        var request = server.request(
                        path, path.contains("action") || path.contains("agents") ? "admin@packed" : "agent@packed")
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofByteArray(body));
        if (coding != null) {
            request.header("Content-Encoding", coding);
        }
        return server.send(request.build());
    }

    private static byte[] gzip(String text) {
        return gzip(out -> out.write(text.getBytes(UTF_8)));
    }

    private static byte[] gzip(int blanks) {
        byte[] piece = new byte[1_000_000];
        Arrays.fill(piece, (byte) ' ');
        return gzip(out -> {
            for (int i = 0; i < blanks / piece.length; i++) {
                out.write(piece);
            }
        });
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private static byte[] gzip(Writing writing) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    /** As other programs write it: with extra data, a name, a comment and a check of the header. */
    private static byte[] withNameAndComment(String text) {
        byte[] plain = gzip(text);
        plain[3] = 4 | 8 | 16 | 2;
        byte[] more = {3, 0, 'a', 'b', 'c', 'n', 0, 'c', 'o', 0, 1, 2};
        return join(join(Arrays.copyOf(plain, 10), more), Arrays.copyOfRange(plain, 10, plain.length));
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
