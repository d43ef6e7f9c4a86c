package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Scope;
import dev.interlock.store.InMemoryCircuitStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Build tools and test frameworks interrupt groups of threads. Ours waited with the interrupt still set, which does not
 * wait at all: each burned a core for ever.
 */
class StrayInterruptTest {
    @Test
    void every_thread_of_ours_clears_an_interrupt_and_waits_again() {
        CircuitBreakerConfig shared =
                CircuitBreakerConfig.builder().scope(Scope.SHARED).build();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(shared)
                .store(new InMemoryCircuitStore())
                .build()) {
            circuits.getOrCreate("agent").recordSuccess();
            await().until(() -> !ours().isEmpty());
            List<Thread> threads = ours();

            threads.forEach(Thread::interrupt);

            await().until(() -> threads.stream().noneMatch(Thread::isInterrupted));
            assertThat(threads).extracting(Thread::getName).contains("interlock-timers");
        }
    }

    private static List<Thread> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("interlock-"))
                .toList();
    }
}
