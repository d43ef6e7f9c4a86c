package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.interlock.FailureKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches over real HTTP. */
class HttpSinkTest {
    private static final Instant NOW = Instant.parse("2026-04-16T12:00:00.25Z");

    private final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
    private final List<String> headers = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private volatile int status = 200;
    private volatile int most = Integer.MAX_VALUE;
    private volatile String answer = "{\"accepted\": 1}";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/logs/batch", exchange -> {
            JsonNode body = new ObjectMapper().readTree(exchange.getRequestBody());
            headers.add(exchange.getRequestHeaders().getFirst("Authorization"));
            boolean tooLarge = body.get("logs").size() > most;
            if (!tooLarge) {
                bodies.add(body);
            }
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Retry-After", "3");
            exchange.sendResponseHeaders(tooLarge ? 413 : status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void a_batch_is_json_in_snake_case_with_the_key_in_its_header() throws IOException {
        LogEntry entry = LogEntry.builder("planner", ActionType.LLM_INFERENCE, NOW)
                .entryId("e-1")
                .executionId("x-1")
                .actionName("kimi-k2")
                .inputSummary("in \"quotes\"")
                .outputSummary("out")
                .status(EntryStatus.FAILURE)
                .errorMessage("slow")
                .errorKind(FailureKind.TIMEOUT)
                .latencyMs(1_500L)
                .tokenCount(812L)
                .costUsd(0.0031)
                .metadata(Map.of("list", List.of(1, true, "a")))
                .guarded(true)
                .build();
        assertThat(sink().take(new LogBatch("acme", NOW, List.of(entry)))).isEqualTo(Receipt.ofAll(1));
        assertThat(headers).containsExactly("Bearer il_key");
        assertThat(bodies.get(0)).isEqualTo(new ObjectMapper().readTree("""
                {"organization_id": "acme", "sent_at": "2026-04-16T12:00:00.250Z", "logs": [{
                  "entry_id": "e-1", "execution_id": "x-1", "agent_id": "planner", "action_type": "llm_inference",
                  "action_name": "kimi-k2", "input_summary": "in \\"quotes\\"", "output_summary": "out",
                  "status": "failure", "error_message": "slow", "error_kind": "TIMEOUT", "latency_ms": 1500,
                  "token_count": 812, "cost_usd": 0.0031, "metadata": {"list": [1, true, "a"]},
                  "timestamp": "2026-04-16T12:00:00.250Z", "guarded": true}]}
                """));
    }

    @Test
    void refused_entries_are_reported_by_their_index() {
        answer = "{\"accepted\": 1, \"refused\": 1, \"errors\": [{\"index\": 1, \"detail\": \"no agent\", \"x\": {}}]}";
        assertThat(sink().take(batch(2))).isEqualTo(new Receipt(1, List.of(new Receipt.Refusal(1, "no agent"))));
    }

    @Test
    void a_busy_server_is_asked_again_when_it_said_and_a_refusal_is_final() {
        status = 429;
        assertThatThrownBy(() -> sink().take(batch(1)))
                .isInstanceOfSatisfying(
                        SinkUnavailableException.class,
                        busy -> assertThat(busy.retryAfter()).isEqualTo(Duration.ofSeconds(3)));
        status = 403;
        answer = "{\"detail\": \"not yours\"}";
        assertThatThrownBy(() -> sink().take(batch(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The server answered 403: {\"detail\": \"not yours\"}");
        server.stop(0);
        assertThatThrownBy(() -> sink().take(batch(1))).isInstanceOf(SinkUnavailableException.class);
    }

    @Test
    void a_batch_that_is_too_large_is_sent_in_parts() {
        most = 2;
        answer = "{}";
        assertThat(sink().take(batch(7)).accepted()).isEqualTo(7);
        assertThat(bodies).extracting(body -> body.get("logs").size()).allMatch(size -> size <= 2);
    }

    @Test
    void a_logger_delivers_over_http_and_flushes_when_it_is_closed() {
        try (AgentLogger logger = AgentLogger.http(address(), "il_key").build()) {
            for (int i = 0; i < 120; i++) {
                logger.execution("planner").decision("a", "ada@example.com");
            }
        }
        assertThat(bodies.stream().mapToInt(body -> body.get("logs").size()).sum())
                .isEqualTo(120);
        assertThat(bodies.toString()).contains("[redacted:mail]").doesNotContain("ada@example.com");
    }

    @Test
    void a_wrong_address_or_key_is_refused_at_once() {
        assertThatThrownBy(() -> new HttpSink(URI.create("ftp://bob:hunter2@host"), "il_key"))
                .hasMessage("The server's address must be like http://localhost:8080, but was"
                        + " ftp://[redacted:secret]@host");
        assertThatThrownBy(() -> new HttpSink(address(), "two words")).hasMessageContaining("one word");
    }

    private HttpSink sink() {
        return new HttpSink(address(), "il_key");
    }

    private URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/");
    }

    private static LogBatch batch(int size) {
        LogEntry entry = LogEntry.builder("planner", ActionType.TOOL_CALL, NOW).build();
        return new LogBatch(null, NOW, java.util.Collections.nCopies(size, entry));
    }
}
