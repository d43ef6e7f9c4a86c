package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Scope;
import dev.interlock.TimeSource;
import dev.interlock.Window;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * While a circuit was closing its policy changed: the epoch that began was one of the policy before, for ever. Of a
 * circuit that had become shared nothing was reported then.
 */
class ChangeOfPolicyWhileACircuitClosesTest {
    private static final CircuitId AGENT = CircuitId.of("agent");

    /** Runs something when the wall clock is read, which is after the policy of a move was read. */
    private static final class Interrupting implements TimeSource {
        private final ManualTimeSource time = new ManualTimeSource();
        private volatile Runnable next = () -> {};

        @Override
        public long ticks() {
            return time.ticks();
        }

        @Override
        public Instant wallTime() {
            Runnable now = next;
            next = () -> {};
            now.run();
            return time.wallTime();
        }
    }

    private final Interrupting time = new Interrupting();

    @Test
    void circuitThatHasBecomeSharedReportsWhatItCounts() {
        HandStore store = new HandStore();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .executor(Runnable::run)
                .build()) {
            CircuitBreaker agent = opened(circuits);
            time.next = () -> circuits.putDefaultPolicy(
                    CircuitBreakerConfig.builder().scope(Scope.SHARED).build());
            agent.override(ManualOverride.of(OverrideAction.CLOSE, "test"));
            circuits.flush(Duration.ofSeconds(10));
            for (int i = 0; i < 3; i++) {
                agent.recordFailure(FailureKind.ERROR);
            }
            await().untilAsserted(() -> assertThat(store.tallied.get()).isEqualTo(3));
        }
    }

    @Test
    void windowIsOfTheNewShape() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .build()) {
            CircuitBreaker agent = opened(circuits);
            time.next = () -> circuits.putDefaultPolicy(CircuitBreakerConfig.builder()
                    .window(Window.ofCalls(2))
                    .minRequestsForRate(2)
                    .build());
            agent.override(ManualOverride.of(OverrideAction.CLOSE, "test"));
            for (int i = 0; i < 3; i++) {
                agent.recordSuccess();
            }
            assertThat(agent.snapshot().figures().calls()).isEqualTo(2);
        }
    }

    private static CircuitBreaker opened(CircuitBreakerManager circuits) {
        circuits.override(AGENT, ManualOverride.of(OverrideAction.OPEN, "test"));
        return circuits.getOrCreate(AGENT);
    }
}
