package dev.interlock.examples.mcp;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualTimeSource;
import dev.interlock.examples.mcp.TidePlanner.Planner;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import dev.interlock.test.ReceivedRequest;
import io.modelcontextprotocol.client.McpSyncClient;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From the first plan with the tool to one without it, and back. */
class TidePlannerTest {
    private static final Pattern ID = Pattern.compile("\"id\":(\"[^\"]*\"|\\d+)");
    private static final CircuitId HARBOUR = CircuitId.of("tool:harbour");

    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.recommended())
            .time(time)
            .build();
    private final FakeProvider model = FakeProvider.start().answering(TidePlannerTest::answerOfModel);
    private final FakeProvider harbour = FakeProvider.start().answering(this::answerOfHarbour);
    private volatile boolean broken;

    @AfterEach
    void close() {
        circuits.close();
        model.close();
        harbour.close();
    }

    /** A call of the tool, and a plan once its answer has been read. */
    private static Answer answerOfModel(ReceivedRequest request) {
        return request.body().contains("tool_call_id")
                ? OpenAiAnswers.text("sail at seven")
                : OpenAiAnswers.toolCall("tides", "{\"arg0\": \"Lima\", \"place\": \"Lima\"}");
    }

    private Answer answerOfHarbour(ReceivedRequest request) {
        Matcher id = ID.matcher(request.body());
        if (!request.method().equals("POST")) {
            return Answer.status(405);
        }
        if (!id.find()) {
            return Answer.status(202);
        }
        if (request.body().contains("\"method\":\"initialize\"")) {
            return result(
                    id.group(1),
                    "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
                            + "\"serverInfo\":{\"name\":\"harbour\",\"version\":\"1\"}}");
        }
        return broken
                ? Answer.status(500)
                : result(id.group(1), "{\"content\":[{\"type\":\"text\",\"text\":\"high at 6:12 and 18:40\"}]}");
    }

    private static Answer result(String id, String json) {
        return Answer.json("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + json + "}");
    }

    /** What the model was sent last. */
    private String read() {
        return model.requests().get(model.requests().size() - 1).body();
    }

    @Test
    void it_falls_back_and_recovers() {
        try (McpSyncClient server = TidePlanner.server(harbour.uri().toString())) {
            Planner planner = TidePlanner.planner(circuits, model.uri("/v1").toString(), server);
            assertThat(planner.plan("sail")).isEqualTo("sail at seven");
            assertThat(read()).contains("high at 6:12");

            broken = true;
            for (int i = 0; i < 3; i++) {
                assertThat(planner.plan("sail")).isEqualTo("sail at seven");
            }
            assertThat(circuits.snapshot(HARBOUR)).isOpen();
            assertThat(circuits.snapshot(CircuitId.of("planner"))).isClosed();
            int asked = harbour.requests().size();
            assertThat(planner.plan("sail")).isEqualTo("sail at seven");
            assertThat(read()).contains("The tool tides is not available: tool:harbour is open; retry in ");
            assertThat(harbour.requests()).hasSize(asked);

            broken = false;
            time.advance(circuits.snapshot(HARBOUR).retryAfter());
            for (int i = 0; i < 2; i++) {
                assertThat(planner.plan("sail")).isEqualTo("sail at seven");
                assertThat(read()).contains("high at 6:12").doesNotContain("not available");
            }
            assertThat(circuits.snapshot(HARBOUR)).isClosed();
        }
    }

    @Test
    void it_runs_as_a_program() {
        TidePlanner.main(
                new String[] {model.uri("/v1").toString(), harbour.uri().toString(), "sail"});

        assertThat(read()).contains("high at 6:12");
    }
}
