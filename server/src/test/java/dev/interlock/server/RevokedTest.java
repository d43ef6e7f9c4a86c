package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A key that is removed, or a token that ends, while one of its requests is under way: nothing of it counts any more. */
@Tag("heavy")
@Tag("thorough")
class RevokedTest {
    private static final String FAILURE = "{\"agent_id\":\"victim\",\"outcome\":\"failure\",\"kind\":\"TIMEOUT\"}\n";

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
    void outcomes_that_come_after_the_end_of_a_key_do_not_count() {
        JsonObject key = key("late");
        try (RawConnection connection = new RawConnection(server)) {
            open(connection, key.getString("key"), "/api/v1/outcomes", "application/x-ndjson");
            chunk(connection, FAILURE);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> victim("late").getInteger("consecutive_failures") == 1);
            remove("late", key);
            for (int i = 0; i < 5; i++) {
                chunk(connection, FAILURE);
            }
            assertThat(connection.readAll()).startsWith("HTTP/1.1 401 ").contains("while the request was under way");
        }
        assertThat(victim("late").getString("state")).isEqualTo("closed");
        assertThat(victim("late").getInteger("consecutive_failures")).isEqualTo(1);
    }

    /** Gathered bodies are judged when they are whole, which may be much later than they began. */
    @Test
    void a_body_that_is_finished_after_the_end_of_a_key_is_refused() {
        for (String path :
                List.of("/api/v1/circuits/victim/outcomes", "/api/v1/circuits/victim/permits", "/api/v1/logs/batch")) {
            JsonObject key = key("gathered");
            try (RawConnection connection = new RawConnection(server)) {
                open(connection, key.getString("key"), path, "application/json");
                chunk(connection, "{");
                remove("gathered", key);
                connection.trySend("1\r\n}\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(connection.readHead()).as(path).startsWith("HTTP/1.1 401 ");
            }
        }
        JsonObject key = json(server.post("/api/v1/keys", "admin@gathered", "{\"name\":\"x\",\"role\":\"operator\"}"));
        try (RawConnection connection = new RawConnection(server)) {
            open(connection, key.getString("key"), "/api/v1/circuits/victim/action", "application/json");
            chunk(connection, "{\"action\":");
            remove("gathered", key);
            connection.trySend("7\r\n\"open\"}\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(connection.readHead()).startsWith("HTTP/1.1 401 ");
        }
        assertThat(victim("gathered").getString("state")).isEqualTo("closed");
    }

    @Test
    void a_token_that_ends_ends_its_batch() {
        // It has ended, but for the 30 s by which clocks may differ.
        try (RawConnection connection = new RawConnection(server)) {
            open(
                    connection,
                    RunningServer.token("agent@ending", Duration.ofSeconds(-27)),
                    "/api/v1/outcomes",
                    "application/x-ndjson");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> !connection.trySend("1\r\n\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** A list of thousands that nobody reads further is not sent further once its key is gone. */
    @Test
    void a_download_breaks_off_with_its_key() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 60_000; i++) {
            lines.append("{\"agent_id\":\"a-rather-long-name-of-an-agent-")
                    .append(i)
                    .append("\",\"outcome\":\"success\"}\n");
        }
        HttpResponse<String> batch = server.send(server.request("/api/v1/outcomes", "agent@download")
                .header("Content-Type", "application/x-ndjson")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(lines.toString()))
                .build());
        assertThat(json(batch).getInteger("counted")).isEqualTo(60_000);
        for (String path : List.of("/api/v1/circuits/", "/api/v1/agents")) {
            JsonObject key =
                    json(server.post("/api/v1/keys", "admin@download", "{\"name\":\"x\",\"role\":\"viewer\"}"));
            try (RawConnection connection = new RawConnection(server)) {
                connection.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key.getString("key")
                        + "\r\n\r\n");
                assertThat(connection.readHead()).startsWith("HTTP/1.1 200 ");
                remove("download", key);
                assertThat(connection.readAll()).doesNotEndWith("\r\n0\r\n\r\n");
            }
        }
    }

    @Test
    void a_ticket_ends_with_its_key() {
        JsonObject key = json(server.post("/api/v1/keys", "admin@ticket", "{\"name\":\"x\",\"role\":\"viewer\"}"));
        HttpResponse<String> ticket =
                server.send(java.net.http.HttpRequest.newBuilder(server.uri("/api/v1/stream/tickets"))
                        .header("Authorization", "Bearer " + key.getString("key"))
                        .POST(java.net.http.HttpRequest.BodyPublishers.noBody())
                        .build());
        remove("ticket", key);
        try (RawConnection connection = new RawConnection(server)) {
            connection.send("GET /api/v1/stream?ticket=" + json(ticket).getString("ticket")
                    + " HTTP/1.1\r\n"
                    + "Host: x\r\n"
                    + "Upgrade: websocket\r\n"
                    + "Connection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
            assertThat(connection.readHead()).startsWith("HTTP/1.1 401 ");
        }
    }

    private static JsonObject key(String organization) {
        return json(server.post("/api/v1/keys", "admin@" + organization, "{\"name\":\"x\",\"role\":\"agent\"}"));
    }

    private static void remove(String organization, JsonObject key) {
        assertThat(server.send("DELETE", "/api/v1/keys/" + key.getString("id"), "admin@" + organization, null)
                        .statusCode())
                .isEqualTo(204);
    }

    private static void open(RawConnection connection, String credential, String path, String type) {
        connection.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + credential
                + "\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    private static void chunk(RawConnection connection, String text) {
        connection.trySend(
                (Integer.toHexString(text.length()) + "\r\n" + text + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static JsonObject victim(String organization) {
        return json(server.get("/api/v1/circuits/victim", "viewer@" + organization));
    }
}
