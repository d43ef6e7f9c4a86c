package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Scope;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code close()} promises to take at most five seconds; with a store that hangs it took ten, with a scope fifteen. */
@Tag("heavy")
class CloseWithAStoreThatHangsTest {
    @Test
    void closeGivesUpInTime() throws Exception {
        HandStore store = new HandStore();
        CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder().scope(Scope.SHARED).build())
                .store(store)
                .build();
        store.gate.lock();
        try {
            circuits.override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.OPEN, "anna"));
            CountDownLatch closed = new CountDownLatch(1);
            Thread closing = new Thread(() -> {
                circuits.close();
                closed.countDown();
            });
            closing.setDaemon(true);
            closing.start();

            // Half as long again as the promise: what is looked for takes twice as long.
            assertThat(closed.await(Duration.ofMillis(7_500).toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
        } finally {
            store.gate.unlock();
        }
    }
}
