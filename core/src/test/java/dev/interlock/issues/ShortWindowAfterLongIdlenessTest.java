package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.Window;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * After 26 hours of quiet a window of 10 ms took its old buckets for ones of the future, and put new calls where nobody
 * counts them: the rate could not trip for the next day.
 */
class ShortWindowAfterLongIdlenessTest {
    @Test
    void rateTripsAfterLongIdleness() {
        ManualTimeSource time = new ManualTimeSource();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder()
                        .failureThreshold(null)
                        .failureRateThreshold(0.5)
                        .minRequestsForRate(2)
                        .window(Window.ofTime(Duration.ofMillis(10)))
                        .build())
                .time(time)
                .executor(Runnable::run)
                .evictAfter(Duration.ofDays(100))
                .build()) {
            CircuitBreaker circuit = circuits.getOrCreate("agent");
            for (int bucket = 0; bucket < 24; bucket++) {
                circuit.recordSuccess();
                time.advance(Duration.ofNanos(500_000));
            }
            time.advance(Duration.ofHours(30));
            circuit.recordFailure(FailureKind.ERROR);
            circuit.recordFailure(FailureKind.ERROR);
            assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        }
    }
}
