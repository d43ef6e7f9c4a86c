package dev.interlock.examples.springai;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualTimeSource;
import dev.interlock.examples.Programs;
import dev.interlock.examples.springai.PlanApplication.Plans;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** From the first plan to a refusal and back. */
class PlanApplicationTest {
    private static final CircuitId MODEL = CircuitId.of("model:kimi-k2");

    private final ManualTimeSource time = new ManualTimeSource();
    private final FakeProvider provider = FakeProvider.start();

    @AfterEach
    void close() {
        provider.close();
    }

    @Test
    void it_falls_back_and_recovers() {
        try (ConfigurableApplicationContext application =
                Programs.start(PlanApplication.class, time, "plan.model=" + provider.uri("/v1"))) {
            Plans plans = application.getBean(Plans.class);
            CircuitBreakerManager circuits = application.getBean(CircuitBreakerManager.class);
            provider.then(OpenAiAnswers.toolCall("tides", "{\"harbour\": \"Lima\"}"))
                    .otherwise(OpenAiAnswers.text("sail at seven"));
            assertThat(plans.plan("sail")).isEqualTo("sail at seven");
            assertThat(provider.requests().get(1).body()).contains("high at 6:12");
            assertThat(circuits.snapshot(CircuitId.of("tool:tides"))).hasCounted(1, 0);

            provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> plans.plan("sail")).hasMessageContaining("500");
            }
            assertThat(plans.plan("sail")).startsWith("No plan for the next ");
            assertThat(provider.requests()).hasSize(5);
            assertThat(circuits.snapshot(MODEL)).isOpen();
            assertThat(circuits.snapshot(CircuitId.of("planner"))).isClosed();

            provider.otherwise(OpenAiAnswers.text("sail at eight"));
            time.advance(circuits.snapshot(MODEL).retryAfter());
            assertThat(plans.plan("sail")).isEqualTo("sail at eight");
            assertThat(plans.plan("sail")).isEqualTo("sail at eight");
            assertThat(circuits.snapshot(MODEL)).isClosed();
        }
    }
}
