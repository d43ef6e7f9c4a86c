package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.checks.Rounds;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Of two policy changes at the same time the earlier could be applied last, and a circuit went on under settings that
 * were no longer in effect until the next change.
 */
@Tag("heavy")
class StalePolicyTest {
    private static final int ROUNDS = 3_000;
    private static final int CIRCUITS = 200;

    @Test
    void after_two_changes_at_once_every_circuit_follows_the_one_in_force() throws InterruptedException {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            for (int i = 0; i < CIRCUITS; i++) {
                circuits.getOrCreate("agent-" + i);
            }
            int rounds = Rounds.of(ROUNDS, 1);
            for (int round = 0; round < rounds; round++) {
                race(() -> circuits.putPolicy("agent-*", CircuitBreakerConfig.upstream()), () -> {
                    circuits.removePolicy("agent-*");
                });

                String inForce = circuits.policies().isEmpty() ? "default" : "agent-*";
                assertThat(circuits.snapshots())
                        .as("policies after round %s", round)
                        .allSatisfy(snapshot -> assertThat(snapshot.policy()).isEqualTo(inForce));
            }
        }
    }

    private static void race(Runnable one, Runnable other) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(2);
        AtomicBoolean go = new AtomicBoolean();
        Thread[] threads = {new Thread(() -> whenReady(ready, go, one)), new Thread(() -> whenReady(ready, go, other))};
        for (Thread thread : threads) {
            thread.start();
        }
        ready.await();
        go.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void whenReady(CountDownLatch ready, AtomicBoolean go, Runnable task) {
        ready.countDown();
        while (!go.get()) {
            Thread.onSpinWait();
        }
        task.run();
    }
}
