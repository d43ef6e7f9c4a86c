package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.Permit;
import dev.interlock.Scope;
import org.junit.jupiter.api.Test;

/**
 * A call that failed through its upstream was late in the agent's circuit if that had become shared meanwhile, although
 * the epoch that admitted it goes on.
 */
class FailureOfAnotherAfterAChangeOfScopeTest {
    private static final CircuitId AGENT = CircuitId.of("agent");

    @Test
    void isNotLate() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(new ManualTimeSource())
                .store(new HandStore())
                .executor(Runnable::run)
                .build()) {
            Permit call = circuits.guard(AGENT).dependingOn("model:kimi-k2").acquire();
            circuits.putDefaultPolicy(
                    CircuitBreakerConfig.builder().scope(Scope.SHARED).build());

            call.fail(FailureKind.SERVER_ERROR);

            assertThat(circuits.snapshot(AGENT).late()).isZero();
            assertThat(circuits.snapshot(AGENT).figures().calls()).isZero();
            assertThat(circuits.snapshot(CircuitId.of("model:kimi-k2"))
                            .figures()
                            .failures())
                    .isEqualTo(1);
        }
    }
}
