package dev.interlock.examples.langchain4j;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualTimeSource;
import dev.interlock.examples.Programs;
import dev.interlock.examples.langchain4j.TripApplication.Trips;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** From the first plan to the second model, to a plan by hand, and back. */
class TripApplicationTest {
    private static final CircuitId FIRST = CircuitId.of("model:kimi-k2");
    private static final CircuitId SECOND = CircuitId.of("model:glm-5");
    private static final CircuitId TRIPS = CircuitId.of("trips");
    private static final Answer BROKEN = OpenAiAnswers.error(500, "server_error", "x");

    private final ManualTimeSource time = new ManualTimeSource();
    private final FakeProvider first = FakeProvider.start();
    private final FakeProvider second = FakeProvider.start().otherwise(OpenAiAnswers.text("from the second"));

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    @Test
    void it_falls_back_and_recovers() {
        try (ConfigurableApplicationContext application = Programs.start(
                TripApplication.class, time, "trip.first=" + first.uri("/v1"), "trip.second=" + second.uri("/v1"))) {
            Trips trips = application.getBean(Trips.class);
            CircuitBreakerManager circuits = application.getBean(CircuitBreakerManager.class);
            first.then(OpenAiAnswers.toolCall("tides", "{\"arg0\": \"Lima\", \"harbour\": \"Lima\"}"))
                    .otherwise(OpenAiAnswers.text("sail at seven"));
            assertThat(trips.plan("sail")).isEqualTo("sail at seven");
            assertThat(first.requests().get(1).body()).contains("high at 6:12");
            assertThat(circuits.snapshot(CircuitId.of("tool:tides"))).hasCounted(1, 0);

            first.otherwise(BROKEN);
            for (int i = 0; i < 4; i++) {
                assertThat(trips.plan("sail")).isEqualTo("from the second");
            }
            assertThat(circuits.snapshot(FIRST)).isOpen();
            assertThat(first.requests()).hasSize(5);

            second.otherwise(BROKEN);
            for (int i = 0; i < 4; i++) {
                assertThat(trips.plan("sail")).isEqualTo("a plan by hand: sail");
            }
            assertThat(circuits.snapshot(SECOND)).isOpen();
            assertThat(circuits.snapshot(TRIPS)).isOpen();
            assertThat(circuits.snapshot(CircuitId.of("planner"))).isClosed();

            first.otherwise(OpenAiAnswers.text("sail at eight"));
            time.advance(circuits.snapshot(FIRST).retryAfter());
            time.advance(circuits.snapshot(TRIPS).retryAfter());
            assertThat(trips.plan("sail")).isEqualTo("sail at eight");
            assertThat(trips.plan("sail")).isEqualTo("sail at eight");
            assertThat(circuits.snapshot(FIRST)).isClosed();
            assertThat(circuits.snapshot(TRIPS)).isClosed();
        }
    }
}
