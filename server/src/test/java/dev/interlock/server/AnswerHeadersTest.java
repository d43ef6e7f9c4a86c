package dev.interlock.server;

import static dev.interlock.server.RawConnection.head;
import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every answer says to browsers, whatever it is. */
class AnswerHeadersTest {
    private static final String NOSNIFF = "x-content-type-options: nosniff";
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
    @CsvSource({
        "GET, /healthz, 200",
        "GET, /, 200",
        "GET, /dashboard/main.js, 200",
        "POST, /dashboard/main.js, 405",
        "GET, /openapi.yaml, 200",
        "GET, /nowhere, 404",
        "BREW, /healthz, 405",
        "OPTIONS, /api/v1/keys, 204",
        "GET, /api/v1/keys, 401",
        "GET, /api/v1/stream, 401",
        "GET, /api/v1/circuits/a?x=y, 401",
        "GET, /%zz, 404",
        "GET, /a b, 400"
    })
    void no_answer_is_to_be_guessed_at(String method, String path, int status) {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(head(method, path, null)
                    + (path.endsWith("stream")
                            ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                    + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                            : "")
                    + "\r\n");
            assertThat(connection.readHead())
                    .matches("(?s)HTTP/1\\.[01] " + status + " .*")
                    .containsIgnoringCase(NOSNIFF)
                    .doesNotContainIgnoringCase("strict-transport-security");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/circuits/", "/api/v1/circuits/a", "/api/v1/keys", "/api/v1/me", "/metrics"})
    void what_is_answered_to_a_caller_is_kept_nowhere(String path) {
        assertNotKept(server.get(path, "admin@acme"));
        assertNotKept(server.get(path, null));
    }

    @Test
    void what_holds_a_secret_is_kept_nowhere() {
        HttpResponse<String> key = server.post("/api/v1/keys", "admin@acme", "{\"name\":\"x\",\"role\":\"viewer\"}");
        assertThat(json(key).getString("key")).isNotEmpty();
        assertNotKept(key);
        assertNotKept(server.post("/api/v1/stream/tickets", "viewer@acme", null));
        assertNotKept(server.post("/api/v1/circuits/a/permits", "agent@acme", "{}"));
    }

    private static void assertNotKept(HttpResponse<String> answer) {
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    }
}
