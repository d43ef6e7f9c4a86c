package dev.interlock.examples.plain;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualTimeSource;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From the first plan to a refusal and back. */
class PlannerTest {
    private static final CircuitId MODEL = CircuitId.of("model:kimi-k2");

    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.recommended())
            .time(time)
            .build();
    private final FakeProvider provider = FakeProvider.start();
    private final URI model = provider.uri("/v1/chat/completions");

    @AfterEach
    void close() {
        circuits.close();
        provider.close();
    }

    @Test
    void it_falls_back_and_recovers() throws Exception {
        Planner planner = new Planner(circuits, model);
        provider.otherwise(OpenAiAnswers.text("sail at seven"));
        assertThat(planner.plan("a \"long\" trip")).isEqualTo("sail at seven");
        assertThat(provider.requests().get(0).body()).contains("a \\\"long\\\" trip");

        provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        for (int i = 0; i < 3; i++) {
            assertThat(planner.plan("a trip")).isEqualTo("No plan: the model answered 500.");
        }
        assertThat(planner.plan("a trip")).startsWith("No plan for the next ");
        assertThat(provider.requests()).hasSize(4);
        assertThat(circuits.snapshot(MODEL)).isOpen();
        assertThat(circuits.snapshot(CircuitId.of("planner"))).isClosed();

        provider.otherwise(OpenAiAnswers.text("sail at eight"));
        time.advance(circuits.snapshot(MODEL).retryAfter());
        assertThat(planner.plan("a trip")).isEqualTo("sail at eight");
        assertThat(planner.plan("a trip")).isEqualTo("sail at eight");
        assertThat(circuits.snapshot(MODEL)).isClosed();
    }

    @Test
    void it_runs_as_a_program() throws Exception {
        provider.otherwise(OpenAiAnswers.text("sail at seven"));
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Planner.main(new String[] {model.toString(), "a trip", "another"});
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).lines()).containsExactly("sail at seven", "sail at seven");
    }
}
