package dev.interlock.server;

import static dev.interlock.server.RawConnection.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two readers may read in two ways, and bodies that have no end: each is 400, and the connection closed. */
@Tag("heavy")
class FramingTest {
    private static final String PERMITS = "/api/v1/circuits/framing/permits";
    private static final String SMUGGLED = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 36\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 36\r\n",
                "Transfer-Encoding: chunked\r\ncontent-length: 0\r\n",
                "Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Transfer-Encoding: identity, chunked\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "Transfer-Encoding:\r\n",
                "Transfer-Encoding: \"chunked\"\r\n",
                "Transfer-Encoding: chunked;q=1\r\n",
                "Transfer-Encoding : chunked\r\n",
                "Content-Length : 5\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                "Content-Length: 5, 6\r\n",
                "Content-Length: +5\r\n",
                "Content-Length: -5\r\n",
                "Content-Length: 0x5\r\n",
                "Content-Length: 99999999999999999999\r\n",
                "Host: y\r\n",
                "host: x\r\n",
                ": nameless\r\n",
                "no colon\r\n",
                "X-Folded: a\r\n b\r\n",
                "X-Folded: a\r\n\tTransfer-Encoding: chunked\r\n",
                "X-Line: a\nX-Other: b\r\n",
                "X-Nul: a\0b\r\n",
                "X-Return: a\rb\r\n"
            })
    void a_head_that_can_be_read_in_two_ways_is_400_and_nothing_behind_it_is_answered(String header) {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(head("POST", PERMITS, "agent@framing") + header + "\r\n0\r\n\r\n" + SMUGGLED);
            assertRefusedOnce(connection.readAll());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /healthz HTTP/1.1\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: x/y\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: user@x\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n",
                "GET /healthz HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n",
                "POST /api/v1/outcomes HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n continues\r\n\r\n"
            })
    void a_head_without_exactly_one_host_or_with_folded_lines_is_400(String request) {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(request + SMUGGLED);
            assertRefusedOnce(connection.readAll());
        }
    }

    /** Wherever the bytes are cut, the same is found. */
    @ParameterizedTest
    @ValueSource(
            strings = {"X-Folded: a\r\n b\r\n", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "Host: y\r\n"})
    void an_ambiguous_head_is_found_byte_by_byte(String header) {
        String request = "\r\n\r\n" + head("POST", PERMITS, null) + header + "\r\n";
        try (RawConnection connection = new RawConnection(server)) {
            for (byte each : request.getBytes(StandardCharsets.ISO_8859_1)) {
                if (!connection.trySend(new byte[] {each})) {
                    break;
                }
            }
            assertRefusedOnce(connection.readAll());
        }
    }

    @Test
    void a_good_request_before_a_bad_one_is_answered() {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(SMUGGLED + head("GET", "/healthz", null) + "Host: x\r\n\r\n" + SMUGGLED);
            String answers = connection.readAll();
            assertThat(answers).startsWith("HTTP/1.1 200 ");
            assertThat(answers.substring(answers.indexOf("HTTP/1.1 400"))).satisfies(FramingTest::assertRefusedOnce);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\n",
                "\r\n",
                "-1\r\n",
                "ffffffffffffffff\r\n",
                "5\r\nhello!!\r\n",
                "1;extension\nx\r\n",
            })
    void a_chunk_that_cannot_be_read_is_400(String chunk) {
        assertBodyRefused(chunk);
    }

    @Test
    void a_chunk_extension_and_trailers_without_end_are_400() {
        assertBodyRefused("5;x=" + "y".repeat(20_000) + "\r\nhello\r\n0\r\n\r\n");
        StringBuilder trailers = new StringBuilder("0\r\n");
        for (int i = 0; i < 3_000; i++) {
            trailers.append("X-Trailer-").append(i).append(": bomb\r\n");
        }
        assertBodyRefused(trailers + "\r\n");
        assertBodyRefused("0\r\nX: " + "y".repeat(40_000) + "\r\n\r\n");
    }

    private static void assertBodyRefused(String body) {
        for (String path : new String[] {PERMITS, "/api/v1/outcomes", "/api/v1/logs/batch"}) {
            try (RawConnection connection = new RawConnection(server)) {
                connection.send(head("POST", path, "agent@framing")
                        + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
                connection.trySend((body + SMUGGLED).getBytes(StandardCharsets.ISO_8859_1));
                assertRefusedOnce(connection.readAll());
            }
        }
    }

    /** The broken one is second in line: it is refused when it is its turn. */
    @Test
    void a_broken_body_behind_another_request_is_400_after_its_answer() {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(SMUGGLED + head("POST", PERMITS, "agent@framing")
                    + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
            String answers = connection.readAll();
            assertThat(answers).startsWith("HTTP/1.1 200 ");
            assertThat(answers.substring(answers.indexOf("HTTP/1.1 400"))).satisfies(FramingTest::assertRefusedOnce);
        }
    }

    @Test
    void what_is_not_ambiguous_goes_on() {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(head("POST", PERMITS, "agent@framing")
                    + "Content-Type: application/json\r\nTransfer-Encoding: Chunked\r\n\r\n"
                    + "2;name=\"value\"\r\n{}\r\n0\r\nX-Trailer: y\r\n\r\n"
                    + "GET /healthz HTTP/1.0\r\n\r\n");
            String answers = connection.readAll();
            assertThat(answers)
                    .startsWith("HTTP/1.1 200 ")
                    .contains("\"permit\"")
                    .contains("\"status\":\"ok\"");
        }
    }

    private static void assertRefusedOnce(String answers) {
        assertThat(answers).matches("(?s)HTTP/1\\.[01] 400 .*").contains("application/problem+json");
        if (answers.startsWith("HTTP/1.1")) { // in HTTP/1.0 that is the rule
            assertThat(answers.toLowerCase(Locale.ROOT)).contains("connection: close");
        }
        String body = answers.substring(answers.indexOf("\r\n\r\n") + 4);
        assertThat(body).doesNotContainPattern("HTTP/1\\.[01] [0-9]");
        assertThat(new JsonObject(body).getInteger("status")).isEqualTo(400);
    }
}
