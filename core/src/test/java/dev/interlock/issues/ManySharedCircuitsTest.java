package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.Lab;
import dev.interlock.Scope;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The thread that deals with other processes was woken by the first count of each circuit, and looked at every open circuit
 * each time: 1,000 busy circuits and 1,000 open ones took half a core.
 */
class ManySharedCircuitsTest {
    private static final int BUSY = 100;
    private static final int OPEN = 300;
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(100);

    private final HandStore store = new HandStore();
    private final Lab lab = new Lab(
            CircuitBreakerConfig.builder()
                    .scope(Scope.SHARED)
                    .cooldown(Duration.ofMinutes(10))
                    .cooldownMax(Duration.ofMinutes(10))
                    .build(),
            builder -> builder.store(store));

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    @Test
    void busy_circuits_make_nobody_look_at_those_that_cool_down() {
        for (int i = 0; i < OPEN; i++) {
            lab.circuits.getOrCreate("open-" + i).recordFailure(dev.interlock.FailureKind.LOOP);
            assertThat(lab.circuits.getOrCreate("open-" + i).tryAcquire()).isNull();
        }
        assertThat(lab.circuits.flush(Duration.ofSeconds(30))).isTrue();
        await().until(() -> store.looks.get() >= OPEN);
        int before = store.looks.get();
        long began = System.nanoTime();
        int[] next = {0};
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            for (int i = 0; i < 4; i++) {
                lab.circuits.getOrCreate("busy-" + next[0]++ % BUSY).recordSuccess();
            }
            return System.nanoTime() - began >= 10 * ROUND;
        });
        long rounds = (System.nanoTime() - began) / ROUND + 1;

        // A look for each report; the clock stands still, so none of the open ones is due.
        assertThat(store.looks.get() - before).isLessThan((int) (rounds + 1) * BUSY + 2 * OPEN);
    }
}
