package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** A manager that nobody closed and nobody can reach any more left its thread behind: 300 managers, 300 threads. */
class ForgottenManagerTest {
    @Test
    void three_hundred_forgotten_managers_leave_no_thread_behind() {
        Set<Thread> before = timers();
        for (int i = 0; i < 300; i++) {
            CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
            circuits.guard("agent").run(() -> {});
        }

        await().until(() -> {
            System.gc();
            Set<Thread> left = timers();
            left.removeAll(before);
            return left.isEmpty();
        });
    }

    /** The caller waits for a stage that depends on the call; it holds neither the manager nor the call. */
    @Test
    void a_call_with_a_time_limit_ends_though_its_manager_is_forgotten() {
        CompletableFuture<Object> waiting = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())
                .guard("agent")
                .withTimeout(Duration.ofMillis(300))
                .callAsync(CompletableFuture::new)
                .thenApply(answer -> answer);
        for (int i = 0; i < 5; i++) {
            System.gc();
        }

        assertThat(waiting)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withCauseInstanceOf(TimeoutException.class);
    }

    private static Set<Thread> timers() {
        Set<Thread> found = new HashSet<>(Thread.getAllStackTraces().keySet());
        found.removeIf(thread -> !thread.getName().equals("interlock-timers"));
        return found;
    }
}
