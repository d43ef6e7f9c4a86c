package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Settlement;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.checks.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * A circuit was looked at, and then ended: a failure that came between was counted where nobody looked any more, though
 * its caller was answered that it counted. Five failures in a row then left the circuit closed.
 */
class FailureWhileItsCircuitIsForgottenTest {
    private static final int ROUNDS = Rounds.of(200_000, 20_000);

    @Test
    void failuresInARowOpenACircuitThatOthersMakeRoomFor() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(new ManualTimeSource()) // which stands still: everybody looks as idle as everybody else
                .maxCircuitsPerOrganization(4)
                .defaults(CircuitBreakerConfig.builder()
                        .failureRateThreshold(null)
                        .build())
                .build()) {
            List<Thread> others = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int first = i * 1_000;
                others.add(new Thread(() -> {
                    for (int name = first; !stop.get(); name = name == first + 99 ? first : name + 1) {
                        try {
                            circuits.getOrCreate("other-" + name);
                        } catch (TooManyCircuitsException full) {
                            Thread.onSpinWait(); // the agent's is open, and somebody else's is too new
                        }
                    }
                }));
            }
            others.forEach(Thread::start);
            int closed = 0;
            int counted = 0;
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    CircuitBreaker agent = circuits.getOrCreate("agent");
                    boolean all = true; // others may leave no room for it
                    for (int failure = 0; failure < 5; failure++) {
                        all &= agent.recordFailure(FailureKind.ERROR) == Settlement.COUNTED;
                    }
                    closed += all && agent.state() == CircuitState.CLOSED ? 1 : 0;
                    counted += all ? 1 : 0;
                    circuits.override(CircuitId.of("agent"), ManualOverride.of(OverrideAction.RESET, "test"));
                }
            } finally {
                stop.set(true);
                for (Thread other : others) {
                    other.join();
                }
            }
            assertThat(closed).as("rounds after which the circuit was closed").isZero();
            assertThat(counted).as("rounds in which all five counted").isPositive();
        }
    }
}
