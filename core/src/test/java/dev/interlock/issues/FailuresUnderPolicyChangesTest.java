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
import dev.interlock.Scope;
import dev.interlock.Window;
import dev.interlock.checks.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * Rule 13: a policy change loses nothing. Failures that ended while an epoch was copied for another scope were added to
 * the copy's original; and some were counted in a window that was never the circuit's.
 */
class FailuresUnderPolicyChangesTest {
    private static final int THREADS = 2;
    private static final int FAILURES = Rounds.of(200_000, 20_000);

    private static final CircuitBreakerConfig NEVER = CircuitBreakerConfig.builder()
            .failureThreshold(null)
            .failureRateThreshold(null)
            .build();

    @Test
    void noneIsLostWhileTheScopeChanges() throws InterruptedException {
        assertThat(streakAfterAll(i -> NEVER.toBuilder()
                        .scope(i % 2 == 0 ? Scope.SHARED : Scope.LOCAL)
                        .build()))
                .isEqualTo(THREADS * FAILURES);
    }

    @Test
    void noneIsLostWhileTheWindowChanges() throws InterruptedException {
        assertThat(streakAfterAll(
                        i -> NEVER.toBuilder().window(Window.ofCalls(1 + i % 9)).build()))
                .isEqualTo(THREADS * FAILURES);
    }

    @Test
    void theFailureThatReachesTheThresholdOpensInAnyCase() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        try (CircuitBreakerManager circuits = manager()) {
            Thread changes = new Thread(() -> {
                for (int i = 0; !stop.get(); i++) {
                    circuits.putDefaultPolicy(CircuitBreakerConfig.builder()
                            .failureRateThreshold(null)
                            .window(Window.ofCalls(1 + i % 9))
                            .build());
                }
            });
            changes.start();
            try {
                for (int i = 0; i < FAILURES / 20; i++) {
                    CircuitBreaker agent = circuits.getOrCreate("agent-" + i % 100);
                    while (agent.state() == CircuitState.CLOSED
                            && agent.snapshot().figures().consecutiveFailures() < 5) {
                        agent.recordFailure(FailureKind.ERROR);
                    }
                    assertThat(agent.state()).as("round " + i).isEqualTo(CircuitState.OPEN);
                    agent.override(ManualOverride.of(OverrideAction.RESET, "test"));
                }
            } finally {
                stop.set(true);
                changes.join();
            }
        }
    }

    private static int streakAfterAll(IntFunction<CircuitBreakerConfig> policies) throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        try (CircuitBreakerManager circuits = manager()) {
            circuits.putDefaultPolicy(policies.apply(0));
            CircuitBreaker agent = circuits.getOrCreate("agent");
            List<Thread> callers = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                callers.add(new Thread(() -> {
                    for (int i = 0; i < FAILURES; i++) {
                        agent.recordFailure(FailureKind.ERROR);
                    }
                }));
            }
            Thread changes = new Thread(() -> {
                for (int i = 1; !stop.get(); i++) {
                    circuits.putDefaultPolicy(policies.apply(i));
                }
            });
            changes.start();
            callers.forEach(Thread::start);
            for (Thread caller : callers) {
                caller.join();
            }
            stop.set(true);
            changes.join();
            return agent.snapshot().figures().consecutiveFailures();
        }
    }

    private static CircuitBreakerManager manager() {
        return CircuitBreakerManager.builder()
                .time(new ManualTimeSource())
                .executor(Runnable::run)
                .store(new HandStore())
                .build();
    }
}
