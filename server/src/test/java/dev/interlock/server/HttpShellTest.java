package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all calls have in common: slashes, methods, sizes, media types, and what is no HTTP at all. */
class HttpShellTest {
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
                "/api/v1/circuits",
                "/api/v1/circuits/a",
                "/api/v1/circuits/a/transitions",
                "/api/v1/policies",
                "/api/v1/keys",
                "/healthz",
                "/readyz",
                "/metrics",
                "/openapi.yaml"
            })
    void a_slash_at_the_end_makes_no_difference(String path) {
        assertThat(server.get(path, "admin@acme").statusCode()).isEqualTo(200);
        assertThat(server.get(path + "/", "admin@acme").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/api", "/api/v1/circuit", "/api/v1/circuits/a/b", "//healthz", "/healthz//", "/API/V1/circuits"
            })
    void what_is_not_there_is_reported_as_a_problem(String path) {
        HttpResponse<String> answer = server.get(path, "admin@acme");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(json(answer).getString("detail")).contains("/openapi.yaml");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/v1/circuits/",
        "DELETE, /api/v1/circuits/a",
        "PUT, /healthz",
        "GET, /api/v1/outcomes",
        "BREW, /metrics"
    })
    void another_method_is_refused_with_those_that_are_allowed(String method, String path) {
        HttpResponse<String> answer = server.send(method, path, "admin@acme", null);
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).isPresent();
        HttpResponse<String> options = server.send("OPTIONS", path, null, null);
        assertThat(options.statusCode()).isEqualTo(204);
        assertThat(options.headers().firstValue("Allow"))
                .isEqualTo(answer.headers().firstValue("Allow"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz", "/api/v1/circuits/", "/api/v1/circuits/a", "/metrics"})
    void a_head_is_an_answer_without_its_body(String path) {
        HttpResponse<String> answer = server.send("HEAD", path, "admin@acme", null);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.headers().firstValue("Content-Type")).isPresent();
    }

    @Test
    void without_a_credential_nobody_gets_in() {
        HttpResponse<String> answer = server.get("/api/v1/circuits/", null);
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Bearer");
    }

    @Test
    void a_role_that_does_not_suffice_is_refused() {
        assertThat(server.post("/api/v1/circuits/a/action", "viewer@acme", "{\"action\":\"open\"}")
                        .statusCode())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text/plain", "application/x-www-form-urlencoded", "application/xml; charset=utf-8", "nonsense"})
    void another_media_type_is_refused(String mediaType) {
        HttpResponse<String> answer = server.send(server.request("/api/v1/circuits/a/action", "operator@acme")
                .header("Content-Type", mediaType)
                .POST(BodyPublishers.ofString("{\"action\":\"open\"}"))
                .build());
        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(json(answer).getString("detail")).contains("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "Application/JSON"})
    void json_is_json_however_it_is_spelt(String mediaType) {
        HttpResponse<String> answer = server.send(server.request("/api/v1/circuits/spelt/action", "operator@acme")
                .header("Content-Type", mediaType)
                .POST(BodyPublishers.ofString("{\"action\":\"open\"}"))
                .build());
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void a_body_that_is_too_long_is_refused_whether_it_says_so_or_not() throws Exception {
        String path = "/api/v1/circuits/a/action";
        assertThat(raw("POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                        + RunningServer.token("operator@acme")
                        + "\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ")
                .contains("The body may have at most 65536 bytes");
        String part = "x".repeat(0x4000);
        StringBuilder chunks = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            chunks.append("4000\r\n").append(part).append("\r\n");
        }
        assertThat(raw("POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                        + RunningServer.token("operator@acme")
                        + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks))
                .startsWith("HTTP/1.1 413 ");
    }

    @Test
    void a_line_or_headers_that_are_too_long_are_refused() throws Exception {
        assertThat(raw("GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.0 414 ")
                .contains("application/problem+json");
        assertThat(raw("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(20_000) + "\r\n\r\n"))
                .containsPattern("^HTTP/1.[01] 431 ")
                .contains("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"
            })
    void what_is_no_http_is_refused_and_the_connection_closed(String text) throws Exception {
        String answer = raw(text);
        assertThat(answer).containsPattern("^HTTP/1.[01] 400 ").contains("application/problem+json");
    }

    @Test
    void a_caller_who_goes_away_in_the_middle_hurts_nobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", server.server().port())) {
                socket.getOutputStream()
                        .write(("POST /api/v1/circuits/a/action HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                        + RunningServer.token("operator@acme")
                                        + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"act")
                                .getBytes(StandardCharsets.US_ASCII));
            }
        }
        assertThat(server.get("/healthz", null).statusCode()).isEqualTo(200);
    }

    @Test
    void metrics_name_the_own_agents_only() {
        server.post("/api/v1/circuits/mine%22%5C/action", "operator@measured", "{\"action\":\"open\"}");
        server.post("/api/v1/circuits/theirs/action", "operator@elsewhere", "{\"action\":\"open\"}");
        String metrics = server.get("/metrics", "viewer@measured").body();
        assertThat(metrics)
                .contains("interlock_circuit_open{agent_id=\"mine\\\"\\\\\"} 1")
                .contains("interlock_circuits_by_state{state=\"open\"} 1")
                .contains("interlock_own_log_rows_lost_total 0")
                .doesNotContain("theirs", "elsewhere", "measured");
    }

    @Test
    void totals_are_shown_to_the_installations_own_organization_only() {
        server.post("/api/v1/circuits/mine/action", "operator@totals", "{\"action\":\"open\"}");
        for (String caller : List.of("viewer@totals", "admin@totals")) {
            assertThat(server.get("/metrics", caller).body())
                    .contains("interlock_circuit_open{agent_id=\"mine\"} 1")
                    .doesNotContain("interlock_http_requests", "jvm_", "interlock_circuits ", "interlock_log_entries")
                    .doesNotContain("interlock_log_backlog", "\ninterlock_log_rows_lost_total", "interlock_thread");
        }
        assertThat(server.get("/metrics", "viewer@default").body())
                .contains("interlock_http_requests_seconds_count{operation=\"actOnCircuit\",status=\"200\"")
                .contains("jvm_memory_used_bytes", "interlock_log_rows_lost_total ")
                .doesNotContain("mine", "totals");
    }

    @Test
    void is_well() {
        assertThat(json(server.get("/healthz", null))).isEqualTo(new JsonObject().put("status", "ok"));
        assertThat(json(server.get("/readyz", null)).getString("status")).isEqualTo("ok");
    }

    /** All that comes back until the server closes the connection. */
    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.server().port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
