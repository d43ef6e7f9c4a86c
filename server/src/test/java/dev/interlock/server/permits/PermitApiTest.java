package dev.interlock.server.permits;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Enumeration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guarding from afar over real HTTP. Each test has agents of its own. */
class PermitApiTest {
    private static final String AGENT = "agent@acme";
    private static final int LINES_A_PIECE = 1_000;

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
    void a_permit_and_its_outcome() {
        JsonObject permit = json(200, take("first", null));
        assertThat(permit.fieldNames()).containsExactly("permit", "agent_id", "expires_at");
        assertThat(permit.getString("agent_id")).isEqualTo("first");
        assertThat(Instant.parse(permit.getString("expires_at")))
                .isBetween(
                        Instant.now().plus(Duration.ofHours(23)), Instant.now().plus(Duration.ofHours(25)));
        JsonObject settled = json(200, report("first", failure(permit.getString("permit"))));
        assertThat(settled).isEqualTo(new JsonObject().put("status", "counted").put("agent_id", "first"));
        assertThat(circuit("first").getInteger("failure_count")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"depends_on\":[]}", "{\"depends_on\":null}"})
    void the_body_of_a_permit_may_be_empty(String body) {
        json(200, take("empty", body));
        json(200, server.post("/api/v1/circuits/empty/permits/", AGENT, body));
    }

    @Test
    void an_open_circuit_refuses_and_says_when_to_retry() {
        order("opened", "open");
        HttpResponse<String> refused = take("opened", null);
        JsonObject problem = json(503, refused);
        assertThat(problem.getString("type")).isEqualTo("circuit-open");
        assertThat(problem.getString("agent_id")).isEqualTo("opened");
        assertThat(problem.getString("state")).isEqualTo("open");
        long millis = problem.getLong("retry_after_ms");
        assertThat(millis).isBetween(1L, 60_000L);
        assertThat(refused.headers().firstValueAsLong("Retry-After")).hasValue((millis + 999) / 1_000);
        assertThat(problem.getString("detail"))
                .matches("opened is open; retry in \\d+ s\\. Do not repeat this call\\.");
    }

    @Test
    void of_several_circuits_all_give_leave_or_none() {
        order("model:closed-to-us", "open");
        JsonObject problem = json(503, take("joint", "{\"depends_on\":[\"model:closed-to-us\",\"tool:web\"]}"));
        assertThat(problem.getString("agent_id")).isEqualTo("model:closed-to-us");
    }

    @Test
    void a_failure_reaches_the_circuit_that_it_is_attributed_to() {
        String permit = json(200, take("writer", "{\"depends_on\":[\"model:m\",\"key:k\"]}"))
                .getString("permit");
        json(200, report("writer", "{\"permit\":\"" + permit + "\",\"outcome\":\"failure\",\"kind\":\"TIMEOUT\"}"));
        assertThat(circuit("model:m").getInteger("failure_count")).isEqualTo(1);
        assertThat(circuit("writer").getInteger("failure_count")).isZero();
    }

    @Test
    void a_doubled_permit_is_refused_and_moves_nothing() {
        String permit = permit("doubled");
        json(200, report("doubled", failure(permit)));
        JsonObject problem = json(409, report("doubled", failure(permit)));
        assertThat(problem.getString("type")).isEqualTo("permit-settled");
        assertThat(circuit("doubled").getInteger("failure_count")).isEqualTo(1);
    }

    @Test
    void a_forged_or_foreign_permit_is_refused_and_moves_nothing() {
        String permit = permit("mine");
        char last = permit.charAt(40) == 'A' ? 'B' : 'A';
        String forged = permit.substring(0, 40) + last + permit.substring(41);
        assertThat(json(422, report("mine", failure(forged))).getString("type")).isEqualTo("permit-invalid");
        assertThat(json(422, report("other", failure(permit))).getString("type"))
                .isEqualTo("permit-foreign");
        HttpResponse<String> rival = server.post("/api/v1/circuits/mine/outcomes", "agent@rival", failure(permit));
        assertThat(json(422, rival).getString("type")).isEqualTo("permit-foreign");
        assertThat(rival.body()).doesNotContain("acme");
        assertThat(circuit("mine").getInteger("failure_count")).isZero();
        json(200, report("mine", failure(permit)));
    }

    @Test
    void an_outcome_without_a_permit_counts_and_its_duration_is_its_age() {
        json(200, report("watched", "{\"outcome\":\"failure\",\"kind\":\"ERROR\"}"));
        assertThat(circuit("watched").getInteger("failure_count")).isEqualTo(1);
        order("watched", "reset");
        JsonObject late = json(200, report("watched", "{\"outcome\":\"failure\",\"duration_ms\":3600000}"));
        assertThat(late.getString("status")).isEqualTo("late");
        assertThat(circuit("watched").getInteger("failure_count")).isZero();
    }

    @Test
    void five_failures_open_and_a_retry_after_is_the_cooldown() {
        for (int i = 0; i < 4; i++) {
            json(200, report("failing", "{\"outcome\":\"failure\"}"));
        }
        json(200, report("failing", "{\"outcome\":\"failure\",\"kind\":\"RATE_LIMITED\",\"retry_after_ms\":7000}"));
        JsonObject open = circuit("failing");
        assertThat(open.getString("state")).isEqualTo("open");
        assertThat(open.getLong("retry_after_ms")).isBetween(5_000L, 8_400L);
    }

    @Test
    void a_bad_body_is_reported_with_field_value_and_what_would_be_right() {
        assertThat(json(400, report("bad", "{\"outcome\":\"broken\"}")).getString("detail"))
                .isEqualTo("outcome = 'broken': must be success, failure or cancelled");
        assertThat(json(400, take("bad", "{\"depends_on\":7}")).getString("detail"))
                .isEqualTo("depends_on = '7': must be an array of at most 16 names of circuits");
        assertThat(json(400, report("%20", "{\"outcome\":\"success\"}")).getString("detail"))
                .contains("agent_id");
        json(413, report("bad", " ".repeat(65_537)));
    }

    @Test
    void who_is_no_agent_may_not_guard() {
        assertThat(server.post("/api/v1/circuits/a/permits", "viewer@acme", null)
                        .statusCode())
                .isEqualTo(403);
        assertThat(server.post("/api/v1/circuits/a/permits", null, null).statusCode())
                .isEqualTo(401);
        assertThat(server.post("/api/v1/outcomes", "operator@acme", "[]").statusCode())
                .isEqualTo(403);
        json(200, server.post("/api/v1/circuits/a/permits", "admin@acme", null));
    }

    @Test
    void a_batch_may_be_an_array() {
        String permit = permit("batched");
        JsonObject answer = json(
                200,
                server.post(
                        "/api/v1/outcomes",
                        AGENT,
                        "[{\"permit\":\"" + permit + "\",\"outcome\":\"success\"},"
                                + "{\"agent_id\":\"batched\",\"outcome\":\"failure\",\"kind\":\"TOOL\"},"
                                + "{\"agent_id\":\"batched\",\"outcome\":\"cancelled\"},"
                                + "{\"agent_id\":\"batched\",\"permit\":\"" + permit + "\",\"outcome\":\"success\"},"
                                + "{\"agent_id\":\"batched\",\"outcome\":\"failure\"}]"));
        JsonArray errors = (JsonArray) answer.remove("errors");
        assertThat(answer)
                .isEqualTo(new JsonObject()
                        .put("accepted", 3)
                        .put("counted", 2)
                        .put("ignored", 1)
                        .put("late", 0)
                        .put("repeated", 1)
                        .put("refused", 2));
        assertThat(errors.getJsonObject(0).getInteger("index")).isEqualTo(1);
        assertThat(errors.getJsonObject(0).getString("detail")).startsWith("kind = 'TOOL': must be one of TIMEOUT, ");
        assertThat(errors.getJsonObject(1).getInteger("index")).isEqualTo(3);
        assertThat(errors.getJsonObject(1).getString("detail")).startsWith("permit: has been settled before");
        assertThat(circuit("batched").getInteger("success_count")).isEqualTo(1);
        assertThat(circuit("batched").getInteger("failure_count")).isEqualTo(1);
    }

    @Test
    void a_stream_of_lines_of_any_length_is_worked_off_and_a_bad_line_is_refused_alone() {
        int lines = 200_000;
        byte[] good = "{\"agent_id\":\"streamed\",\"outcome\":\"success\",\"duration_ms\":12}\n".getBytes(UTF_8);
        byte[] bad = "no json at all\n".getBytes(UTF_8);
        HttpRequest request = server.request("/api/v1/outcomes", AGENT)
                .header("Content-Type", "application/x-ndjson")
                .timeout(Duration.ofMinutes(2))
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> repeated(lines, good, bad)))
                .build();
        JsonObject answer = json(200, server.send(request));
        assertThat(answer.getInteger("counted")).isEqualTo(lines - 1);
        assertThat(answer.getInteger("refused")).isEqualTo(1);
        assertThat(answer.getJsonArray("errors").getJsonObject(0).getInteger("index"))
                .isEqualTo(lines / 2);
        assertThat(answer.getJsonArray("errors").getJsonObject(0).getString("detail"))
                .startsWith("the body: is no JSON, ")
                .endsWith(" at byte 0");
    }

    @Test
    void a_permit_of_before_a_restart_settles_by_its_age_and_once(@TempDir Path folder) {
        String kept;
        String late;
        try (RunningServer before = RunningServer.on(folder)) {
            kept = permit(before, "kept");
            late = permit(before, "moved");
        }
        try (RunningServer after = RunningServer.on(folder)) {
            after.post("/api/v1/circuits/moved/action", "operator@acme", "{\"action\":\"reset\"}");
            assertThat(status(after, "kept", kept)).isEqualTo("200 counted");
            assertThat(status(after, "kept", kept)).startsWith("409");
            assertThat(status(after, "moved", late)).isEqualTo("200 late");
        }
    }

    private static String status(RunningServer server, String agent, String permit) {
        HttpResponse<String> answer = server.post("/api/v1/circuits/" + agent + "/outcomes", AGENT, failure(permit));
        return answer.statusCode() + " " + RunningServer.json(answer).getValue("status");
    }

    /** Made while it is read, so that only the server's memory is in question. */
    private static InputStream repeated(int lines, byte[] good, byte[] bad) {
        AtomicInteger piece = new AtomicInteger();
        int pieces = lines / LINES_A_PIECE;
        byte[] goodOnes = new String(good, UTF_8).repeat(LINES_A_PIECE).getBytes(UTF_8);
        byte[] middle = (new String(bad, UTF_8) + new String(good, UTF_8).repeat(LINES_A_PIECE - 1)).getBytes(UTF_8);
        return new SequenceInputStream(new Enumeration<InputStream>() {
            @Override
            public boolean hasMoreElements() {
                return piece.get() < pieces;
            }

            @Override
            public InputStream nextElement() {
                return new ByteArrayInputStream(piece.getAndIncrement() == pieces / 2 ? middle : goodOnes);
            }
        });
    }

    private static String failure(String permit) {
        return "{\"permit\":\"" + permit + "\",\"outcome\":\"failure\",\"kind\":\"ERROR\",\"duration_ms\":5}";
    }

    private static String permit(String agent) {
        return permit(server, agent);
    }

    private static String permit(RunningServer server, String agent) {
        return json(200, server.post("/api/v1/circuits/" + agent + "/permits", AGENT, null))
                .getString("permit");
    }

    private static HttpResponse<String> take(String agent, String body) {
        return server.post("/api/v1/circuits/" + agent + "/permits", AGENT, body);
    }

    private static HttpResponse<String> report(String agent, String body) {
        return server.post("/api/v1/circuits/" + agent + "/outcomes", AGENT, body);
    }

    private static void order(String agent, String action) {
        json(
                200,
                server.post(
                        "/api/v1/circuits/" + agent + "/action", "operator@acme", "{\"action\":\"" + action + "\"}"));
    }

    private static JsonObject circuit(String agent) {
        return json(200, server.get("/api/v1/circuits/" + agent, "viewer@acme"));
    }

    private static JsonObject json(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return RunningServer.json(answer);
    }
}
