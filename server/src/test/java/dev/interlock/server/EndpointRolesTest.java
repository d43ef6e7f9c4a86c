package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interlock.server.security.Role;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every call of the contract by every role, in its own organization and towards another's, REST and WebSocket. The calls
 * are read from {@code openapi.yaml}, so none can be forgotten.
 */
class EndpointRolesTest {
    /** They judge by a cookie and by where a request comes from, whatever credential it has. */
    private static final Set<String> OF_SESSIONS = Set.of("refreshSession", "endSession");

    private static final List<WrittenOperation> OPERATIONS = WrittenOperation.all();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String STRANGER = "il_aaaaaaaaaaaa_" + "A".repeat(43) + "000000";

    /** What acme says in places where others might see it; no request of another organization has it. */
    private static final String MARK = "acme-only";

    private static RunningServer server;
    private static String foreignKey;
    private static String foreignPermit;
    private static String foreignWebhook;

    @BeforeAll
    static void start() {
        server = new RunningServer(Map.of("failure-burst", "100000", "outbound-hosts", "alerts.example.com"));
        ok(server.post(
                "/api/v1/circuits/shared-name/action",
                "operator@acme",
                "{\"action\": \"hold_open\", \"reason\": \"" + MARK + "\"}"));
        ok(server.post("/api/v1/circuits/" + MARK + "-agent/action", "operator@acme", "{\"action\": \"hold_open\"}"));
        ok(server.send("PUT", "/api/v1/policies/shared-%2A", "admin@acme", "{\"failure_threshold\": 7707}"));
        ok(server.send("PUT", "/api/v1/policies/" + MARK + "-%2A", "admin@acme", "{\"failure_threshold\": 7708}"));
        ok(server.post(
                "/api/v1/actions",
                "operator@acme",
                "{\"action\": \"stop\", \"covers\": \"upstream\", \"pattern\": \"model:kimi-k2\", \"reason\": \"" + MARK
                        + "\"}"));
        ok(server.post(
                "/api/v1/actions",
                "operator@acme",
                "{\"action\": \"hold_open\", \"pattern\": \"" + MARK
                        + "-agent\", \"until\": \"2099-01-01T00:00:00Z\"}"));
        foreignKey = RunningServer.json(ok(server.post(
                        "/api/v1/keys", "admin@acme", "{\"name\": \"" + MARK + "-key\", \"role\": \"viewer\"}")))
                .getString("id");
        foreignPermit = RunningServer.json(ok(server.post("/api/v1/circuits/quiet/permits", "agent@acme", "{}")))
                .getString("permit");
        foreignWebhook = RunningServer.json(ok(server.post(
                        "/api/v1/webhooks",
                        "admin@acme",
                        "{\"name\": \"" + MARK + "\", \"url\": \"https://alerts.example.com/hook\"}")))
                .getString("id");
        ok(server.send(
                "PUT", "/api/v1/agents/shared-name", "operator@acme", "{\"display_name\": \"" + MARK + "-agent\"}"));
        ok(server.post(
                "/api/v1/logs/batch",
                "agent@acme",
                "{\"logs\": [{\"agent_id\": \"shared-name\", \"action_type\": \"llm_inference\", \"status\":"
                        + " \"failure\", \"entry_id\": \"9f2c1d7e-1\", \"error_message\": \"" + MARK
                        + "\", \"timestamp\": \"2026-01-01T00:00:00Z\"}]}"));
        await().until(() -> server.get("/api/v1/agents/shared-name/logs", "viewer@acme")
                .body()
                .contains(MARK));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @TestFactory
    Stream<DynamicTest> every_call_by_every_role() {
        return OPERATIONS.stream()
                .flatMap(operation -> Stream.of("nobody", "stranger", "viewer", "operator", "admin", "agent")
                        .map(who -> DynamicTest.dynamicTest(operation + " by " + who, () -> judge(operation, who))));
    }

    @TestFactory
    Stream<DynamicTest> no_call_by_any_role_shows_or_moves_what_is_anothers() {
        String before = awaitRest();
        return OPERATIONS.stream()
                .flatMap(operation -> Stream.of("viewer", "operator", "admin", "agent")
                        .map(who -> DynamicTest.dynamicTest(
                                operation + " by another's " + who, () -> reachOver(operation, who, before))));
    }

    @Test
    void the_contract_was_read() {
        assertThat(OPERATIONS).hasSizeGreaterThan(15);
        assertThat(OPERATIONS).extracting(WrittenOperation::id).contains("listCircuits", "createKey", "openStream");
        assertThat(OPERATIONS)
                .filteredOn(operation -> operation.needed() == null)
                .extracting(WrittenOperation::path)
                .as("calls that anybody may make")
                .containsExactlyInAnyOrder(
                        "/healthz",
                        "/readyz",
                        "/openapi.yaml",
                        "/api/v1/session",
                        "/api/v1/session",
                        "/api/v1/session/refresh");
    }

    @Test
    void a_key_that_is_limited_to_some_agents_acts_for_no_others() {
        String key = RunningServer.json(ok(server.post(
                        "/api/v1/keys",
                        "admin@acme",
                        "{\"name\": \"billing\", \"role\": \"agent\", \"agents\": \"billing-*\"}")))
                .getString("key");
        String permits = "/api/v1/circuits/%s/permits";
        String outcomes = "/api/v1/circuits/%s/outcomes";

        assertThat(send("POST", permits.formatted("billing-1"), key, "{\"depends_on\": [\"model:m\"]}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(send("POST", permits.formatted("planner"), key, "{}").statusCode())
                .isEqualTo(403);
        assertThat(send("POST", permits.formatted("billing-1"), key, "{\"depends_on\": [\"planner\"]}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(send("POST", outcomes.formatted("billing-1"), key, "{\"outcome\": \"success\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(send("POST", outcomes.formatted("planner"), key, "{\"outcome\": \"failure\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(send("POST", outcomes.formatted("model:m"), key, "{\"outcome\": \"failure\"}")
                        .statusCode())
                .as("what it depends on it reports by its permits only")
                .isEqualTo(403);
        JsonObject batch = new JsonObject(send(
                        "POST",
                        "/api/v1/outcomes",
                        key,
                        "[{\"agent_id\": \"billing-1\", \"outcome\": \"success\"},"
                                + " {\"agent_id\": \"planner\", \"outcome\": \"failure\"}]")
                .body());
        assertThat(batch.getInteger("accepted")).isEqualTo(1);
        assertThat(batch.getInteger("refused")).isEqualTo(1);
        assertThat(server.get("/api/v1/circuits/planner", "viewer@acme").body()).contains("\"failure_count\":0");
    }

    @Test
    void a_stream_reports_of_its_own_organization_only() throws InterruptedException {
        String ticket = RunningServer.json(ok(server.post("/api/v1/stream/tickets", "viewer@globex", null)))
                .getString("ticket");
        Hearing byTicket = new Hearing();
        Hearing byHeader = new Hearing();
        WebSocket one = CLIENT.newWebSocketBuilder()
                .buildAsync(socketUri("?ticket=" + ticket), byTicket)
                .join();
        WebSocket other = CLIENT.newWebSocketBuilder()
                .header("Authorization", "Bearer " + RunningServer.token("viewer@globex"))
                .buildAsync(socketUri(""), byHeader)
                .join();
        assertThat(byTicket.next()).contains("\"snapshot\"").doesNotContain(MARK);
        assertThat(byHeader.next()).contains("\"snapshot\"").doesNotContain(MARK);

        ok(server.post("/api/v1/circuits/" + MARK + "-news/action", "operator@acme", "{\"action\": \"open\"}"));
        ok(server.post("/api/v1/circuits/globex-news/action", "operator@globex", "{\"action\": \"open\"}"));

        assertThat(byTicket.next()).contains("globex-news").doesNotContain(MARK);
        assertThat(byHeader.next()).contains("globex-news").doesNotContain(MARK);
        one.abort();
        other.abort();
        assertThat(handshake("?ticket=" + ticket, null))
                .as("a ticket is good once")
                .isEqualTo(401);
    }

    private static void judge(WrittenOperation operation, String who) {
        String credential = switch (who) {
            case "nobody" -> null;
            case "stranger" -> STRANGER;
            default -> RunningServer.token(who + "@initech");
        };
        if (operation.webSocket()) {
            assertThat(handshake("", credential)).isEqualTo(expectedHandshake(operation, who));
            return;
        }
        HttpResponse<String> answer = send(operation.method(), operation.path(Map.of()), credential, operation.body());
        assumeTrue(isMounted(operation, answer), "not answered by this build");
        Role role = Stream.of(Role.values())
                .filter(each -> each.text().equals(who))
                .findFirst()
                .orElse(null);
        if (OF_SESSIONS.contains(operation.id())) {
            assertThat(answer.statusCode()).as("without a page of the server").isEqualTo(403);
            return;
        }
        if (operation.needed() == null || (role != null && role.may(operation.needed()))) {
            assertThat(answer.statusCode()).as(answer.body()).isNotIn(400, 401, 403, 405, 415, 429);
            assertNoMistake(answer);
            return;
        }
        JsonObject problem = RunningServer.json(answer);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        if (role == null) {
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate"))
                    .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
        } else {
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(problem.getString("detail"))
                    .contains("needs the role " + operation.needed().text(), "has the role " + who);
        }
    }

    private static void reachOver(WrittenOperation operation, String who, String before) {
        String path = operation.path(Map.of(
                "agent_id",
                "shared-name",
                "pattern",
                "shared-%2A",
                "key_id",
                foreignKey,
                "webhook_id",
                foreignWebhook));
        String body = operation.body() == null
                ? null
                : operation.body().replaceAll("\"permit\":\"[^\"]*\"", "\"permit\":\"" + foreignPermit + "\"");
        String credential = RunningServer.token(who + "@globex");
        if (operation.webSocket()) {
            return; // a_stream_reports_of_its_own_organization_only
        }
        HttpResponse<String> answer = send(operation.method(), path, credential, body);
        assertShowsNothing(answer);
        if (operation.query().contains("organization_id")) {
            HttpResponse<String> asked = send(operation.method(), path + "?organization_id=acme", credential, body);
            assertThat(asked.statusCode()).isEqualTo(403);
            assertShowsNothing(asked);
        }
        if (body != null && body.startsWith("{")) {
            JsonObject into = new JsonObject(body).put("organization_id", "acme");
            HttpResponse<String> asked = send(operation.method(), path, credential, into.encode());
            boolean ignoresMore = operation.id().equals("takeTraces"); // as OTLP wants of what is not known
            assertThat(asked.statusCode()).as(asked.body()).isIn(ignoresMore ? List.of(200, 403) : List.of(400, 403));
            assertShowsNothing(asked);
        }
        assertThat(acme()).isEqualTo(before);
    }

    private static void assertShowsNothing(HttpResponse<String> answer) {
        assertThat(answer.body()).doesNotContain(MARK, "_threshold\":7707", "_threshold\":7708");
        assertNoMistake(answer);
        HttpHeaders headers = answer.headers();
        assertThat(headers.map().toString()).doesNotContain(MARK);
    }

    /** Refusals by an open circuit and by a gate are the only ones of the 500s. */
    private static void assertNoMistake(HttpResponse<String> answer) {
        if (answer.statusCode() >= 500) {
            assertThat(RunningServer.json(answer).getString("type")).isIn("circuit-open", "gate-closed");
        }
    }

    /** What acme's own calls of other tests have begun, such as the judgement of its health, ends first. */
    private static String awaitRest() {
        String[] last = {acme()};
        await().atMost(Duration.ofMinutes(1)).during(Duration.ofSeconds(3)).until(() -> {
            String before = last[0];
            last[0] = acme();
            return last[0].equals(before);
        });
        return last[0];
    }

    /** All that acme has, without what time alone changes. */
    private static String acme() {
        List<CompletableFuture<HttpResponse<String>>> answers = Stream.of(
                        "/api/v1/circuits/",
                        "/api/v1/circuits/quiet",
                        "/api/v1/gates",
                        "/api/v1/gates/changes",
                        "/api/v1/actions",
                        "/api/v1/circuits/shared-name/transitions",
                        "/api/v1/policies",
                        "/api/v1/agents/quiet",
                        "/api/v1/agents/shared-name",
                        "/api/v1/agents/shared-name/logs",
                        "/api/v1/agents/quiet/logs",
                        "/api/v1/agents/shared-name/health/history",
                        "/api/v1/webhooks",
                        "/api/v1/keys")
                .map(path -> CLIENT.sendAsync(server.request(path, "admin@acme").build(), BodyHandlers.ofString()))
                .toList();
        return answers.stream()
                .map(answer -> canonical(ok(answer.join()).body()).toString())
                .collect(Collectors.joining("\n"));
    }

    private static Object canonical(String json) {
        JsonObject object = new JsonObject(json);
        for (Object each : object.getMap().values()) {
            if (each instanceof Map<?, ?> circuit) {
                circuit.remove("retry_after_ms");
            }
        }
        object.remove("retry_after_ms");
        return new TreeMap<>(object.getMap());
    }

    private static boolean isMounted(WrittenOperation operation, HttpResponse<String> answer) {
        return !answer.body().contains("There is nothing at " + operation.path(Map.of()));
    }

    private static int expectedHandshake(WrittenOperation operation, String who) {
        return switch (who) {
            case "nobody", "stranger" -> 401;
            default -> Role.of(who).may(operation.needed()) ? 101 : 403;
        };
    }

    private static int handshake(String query, String credential) {
        WebSocket.Builder builder = CLIENT.newWebSocketBuilder();
        if (credential != null) {
            builder.header("Authorization", "Bearer " + credential);
        }
        try {
            builder.buildAsync(socketUri(query), new WebSocket.Listener() {})
                    .join()
                    .abort();
            return 101;
        } catch (CompletionException e) {
            return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
        }
    }

    private static URI socketUri(String query) {
        return URI.create(server.uri("/api/v1/stream" + query).toString().replace("http:", "ws:"));
    }

    private static HttpResponse<String> send(String method, String path, String credential, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path))
                .timeout(Duration.ofSeconds(30))
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (credential != null) {
            request.header("Authorization", "Bearer " + credential);
        }
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        return server.send(request.build());
    }

    private static HttpResponse<String> ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return answer;
    }

    /** Keeps what a socket says. */
    private static final class Hearing implements WebSocket.Listener {
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        String next() throws InterruptedException {
            return String.valueOf(messages.poll(30, TimeUnit.SECONDS));
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }
}
