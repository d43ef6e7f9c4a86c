package dev.interlock.server;

import static dev.interlock.server.RawConnection.head;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that never finish what they begin: a byte now and then is not enough to keep a connection. */
@Tag("heavy")
@Tag("thorough")
class SlowClientTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer(Map.of(
                "request-timeout", "1s", "max-connections-per-address", "60", "max-unauthenticated-per-address", "8"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void heads_and_bodies_that_drip_are_ended_with_408() {
        String head = head("GET", "/healthz", null) + "X-Slow: ";
        String body = head("POST", "/api/v1/outcomes", "agent@slow")
                + "Content-Type: application/x-ndjson\r\nContent-Length: 1000000\r\n\r\n";
        String logs = head("POST", "/api/v1/logs/batch", "agent@slow")
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (String begin : List.of(head, body, logs)) {
            try (RawConnection connection = new RawConnection(server)) {
                connection.send(begin);
                CompletableFuture<String> answer = CompletableFuture.supplyAsync(connection::readAll);
                byte[] drop = (begin.equals(logs) ? "1\r\n \r\n" : " ").getBytes(StandardCharsets.US_ASCII);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(100))
                        .until(() -> {
                            connection.trySend(drop);
                            return answer.isDone();
                        });
                assertThat(answer.join()).startsWith("HTTP/1.1 408 ").contains("\"too-slow\"");
            }
        }
    }

    @Test
    void line_ends_between_requests_are_no_way_to_stay() {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(head("GET", "/healthz", null) + "\r\n");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> !connection.trySend(new byte[] {'\r', '\n'}));
        }
    }

    @Test
    void a_connection_that_never_says_anything_is_closed() {
        try (RawConnection connection = new RawConnection(server)) {
            assertThat(connection.readAll()).isEmpty();
        }
    }

    /** The limit of idle connections is another, and longer. */
    @Test
    void a_connection_that_rests_between_requests_is_kept() {
        try (RawConnection kept = new RawConnection(server);
                RawConnection silent = new RawConnection(server)) {
            kept.send(head("GET", "/api/v1/circuits/a", "viewer@slow") + "\r\n");
            assertThat(kept.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(silent.readAll()).isEmpty(); // so more than the time of a request has passed
            kept.send(head("GET", "/api/v1/circuits/a", "viewer@slow") + "Connection: close\r\n\r\n");
            assertThat(kept.readAll()).contains("HTTP/1.1 200 ");
        }
    }

    @Test
    void of_those_who_have_no_credential_the_oldest_gives_way_and_others_stay() {
        List<RawConnection> open = new ArrayList<>();
        try (RawConnection known = new RawConnection(server)) {
            known.send(head("GET", "/api/v1/circuits/a", "viewer@slow") + "\r\n");
            assertThat(known.readHead()).startsWith("HTTP/1.1 200 ");
            for (int i = 0; i < 9; i++) {
                open.add(new RawConnection(server));
                open.get(i).send(head("GET", "/healthz", null) + "\r\n");
                assertThat(open.get(i).readHead()).startsWith("HTTP/1.1 200 ");
            }
            assertThat(open.get(0).readAll()).as("the oldest").endsWith("}");
            for (RawConnection each : List.of(known, open.get(8))) {
                each.send(head("GET", "/healthz", null) + "Connection: close\r\n\r\n");
                assertThat(each.readAll()).contains("HTTP/1.1 200 ");
            }
        } finally {
            open.forEach(RawConnection::close);
        }
    }

    @Test
    void an_address_has_so_many_connections_and_no_more() {
        List<RawConnection> open = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                RawConnection connection = new RawConnection(server);
                open.add(connection);
                if (connection.trySend((head("GET", "/api/v1/circuits/a", "viewer@slow") + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII))) {
                    connection.readHead();
                }
            }
            try (RawConnection further = new RawConnection(server)) {
                assertThat(further.readAll()).isEmpty();
            }
        } finally {
            open.forEach(RawConnection::close);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
            try (RawConnection again = new RawConnection(server)) {
                again.send(head("GET", "/healthz", null) + "\r\n");
                return again.readHead().startsWith("HTTP/1.1 200 ");
            }
        });
    }
}
