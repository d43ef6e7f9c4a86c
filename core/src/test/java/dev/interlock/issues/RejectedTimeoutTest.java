package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * When the executor refused the end of a call that took too long, the scheduler ran it itself, and with it what the user
 * had hung on the call: one that blocks stopped holds, probes and all other time limits.
 */
class RejectedTimeoutTest {
    @Test
    void what_depends_on_a_call_never_runs_on_the_scheduler() throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.defaults())
                .executor(task -> {
                    throw new RejectedExecutionException("busy with a slow listener");
                })
                .build()) {
            CompletableFuture<String> ranOn = circuits.guard("slow")
                    .withTimeout(Duration.ofMillis(300)) // or what depends on it would be too late, and run here
                    .callAsync(CompletableFuture<String>::new)
                    .handle((answer, thrown) -> {
                        blocked.countDown();
                        awaitQuietly(release);
                        return Thread.currentThread().getName();
                    });
            blocked.await();

            CircuitBreaker other = circuits.getOrCreate("other");
            other.override(ManualOverride.of(OverrideAction.HOLD_CLOSED, "ada")
                    .until(Instant.now().plusMillis(1)));
            CompletableFuture<String> call =
                    circuits.guard("third").withTimeout(Duration.ofMillis(1)).callAsync(CompletableFuture::new);

            await().until(() -> other.snapshot().hold() == null && call.isDone());
            release.countDown();
            assertThat(ranOn).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("interlock-limits");
        } finally {
            release.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
