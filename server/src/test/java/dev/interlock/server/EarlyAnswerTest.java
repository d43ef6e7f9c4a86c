package dev.interlock.server;

import static dev.interlock.server.RawConnection.head;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Answers to requests whose bodies are still arriving. A client that has the answer may use the connection again at once,
 * unless the answer says that it ends.
 */
class EarlyAnswerTest {
    private static final String LOGS =
            head("POST", "/api/v1/logs/batch", null) + "Content-Type: application/json\r\nContent-Length: ";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_connection_that_will_be_closed_for_its_long_body_says_so() {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(LOGS + "8388608\r\n\r\n ");
            String answer = connection.readAll();
            assertThat(answer).startsWith("HTTP/1.1 401 ");
            assertThat(answer.toLowerCase(Locale.ROOT)).contains("\r\nconnection: close\r\n");
        }
    }

    @Test
    void so_does_one_with_a_body_of_any_length() {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(head("POST", "/api/v1/logs/batch", null)
                    + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n");
            String answer = connection.readAll();
            assertThat(answer).startsWith("HTTP/1.1 401 ");
            assertThat(answer.toLowerCase(Locale.ROOT)).contains("\r\nconnection: close\r\n");
        }
    }

    @Test
    void who_sends_on_can_still_read_the_answer() {
        List<RawConnection> connections = new ArrayList<>(); // at once, since each stays for some seconds
        try {
            for (int i = 0; i < 20; i++) {
                RawConnection connection = new RawConnection(server);
                connections.add(connection);
                connection.send(LOGS + "8388608\r\n\r\n ");
                connection.trySend(" ".repeat(500_000).getBytes(StandardCharsets.US_ASCII));
            }
            for (RawConnection each : connections) {
                assertThat(each.readAll()).startsWith("HTTP/1.1 401 ").endsWith("}");
            }
        } finally {
            connections.forEach(RawConnection::close);
        }
    }

    /** As clients do that wait for an answer while they send. */
    @Test
    void who_reads_while_it_sends_gets_the_answer_to_a_body_that_is_much_too_long() {
        String body = " ".repeat(9_000_000);
        for (int i = 0; i < 20; i++) {
            assertThat(server.post("/api/v1/logs/batch", "agent@acme", body).statusCode())
                    .isEqualTo(413);
        }
    }

    @Test
    void the_rest_of_a_short_body_is_passed_over_and_the_connection_kept() {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(LOGS + "60000\r\n\r\n ");
            connection.send(" ".repeat(59_999));
            connection.send(head("GET", "/healthz", null) + "Connection: close\r\n\r\n");
            String answers = connection.readAll();
            assertThat(answers).startsWith("HTTP/1.1 401 ").contains("HTTP/1.1 200 ");
            assertThat(answers.substring(0, answers.indexOf("HTTP/1.1 200 ")).toLowerCase(Locale.ROOT))
                    .doesNotContain("connection: close");
        }
    }
}
