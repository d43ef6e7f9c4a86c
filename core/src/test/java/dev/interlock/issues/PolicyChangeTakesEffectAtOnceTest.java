package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Window;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rule 13: a policy change takes effect at once, not with the next outcome. */
class PolicyChangeTakesEffectAtOnceTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().time(time).executor(Runnable::run).build();
    private final CircuitBreaker circuit = circuits.getOrCreate("agent");

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void windowOfAnotherShapeIsCleanBeforeTheNextOutcome() {
        circuit.recordFailure(FailureKind.ERROR);
        circuits.putDefaultPolicy(calls(10));
        assertThat(circuit.snapshot().figures().calls()).isZero();
        assertThat(circuit.snapshot().figures().consecutiveFailures()).isEqualTo(1);
    }

    @Test
    void windowDoesNotComeBackWhenTheFirstPolicyDoes() {
        circuit.recordFailure(FailureKind.ERROR);
        circuits.putDefaultPolicy(calls(10));
        circuits.putDefaultPolicy(CircuitBreakerConfig.defaults());
        assertThat(circuit.snapshot().figures().calls()).isZero();
    }

    @Test
    void snapshotAsksNobodyToWaitWhenFewerSuccessesHaveBecomeEnough() {
        circuit.override(ManualOverride.of(OverrideAction.OPEN, "tester"));
        time.advance(Duration.ofSeconds(60));
        circuit.acquire().succeed();
        try (Permit trial = circuit.acquire()) {
            circuits.putDefaultPolicy(CircuitBreakerConfig.builder()
                    .halfOpenMaxRequests(1)
                    .successThreshold(1)
                    .build());
            assertThat(circuit.snapshot().retryAfter()).isZero();
            circuit.acquire().succeed();
            assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
            assertThat(trial.isSettled()).isFalse();
        }
    }

    private static CircuitBreakerConfig calls(int calls) {
        return CircuitBreakerConfig.builder().window(Window.ofCalls(calls)).build();
    }
}
