package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What depends on {@code stored(id)} ran on the thread that writes: one that blocked stopped writing and hearing. */
class UserCodeOnTheStoreWriterTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final CircuitId CRITIC = CircuitId.of("critic");
    private static final Duration SOON = Duration.ofSeconds(10);

    private final HookedStore store = new HookedStore();

    @Test
    void aDependentThatBlocksStopsNeitherWritingNorHearing() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (CircuitBreakerManager circuits =
                CircuitBreakerManager.builder().store(store).build()) {
            CompletableFuture<String> ranOn = blockOnStored(circuits, end);
            assertThat(ranOn.get(10, TimeUnit.SECONDS)).isNotEqualTo("interlock-store");

            circuits.override(CRITIC, ManualOverride.of(OverrideAction.OPEN, "anna"));
            assertThat(circuits.flush(SOON)).isTrue();
        } finally {
            end.countDown();
        }
    }

    @Test
    void itMayFlush() throws Exception {
        try (CircuitBreakerManager circuits =
                CircuitBreakerManager.builder().store(store).build()) {
            circuits.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
            CompletableFuture<Boolean> flushed = circuits.stored(PLANNER)
                    .thenApply(stored -> circuits.flush(SOON))
                    .toCompletableFuture();

            assertThat(flushed.get(9, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anExecutorThatRejectsKeepsNobodyWaiting() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .store(store)
                .executor(task -> {
                    throw new RejectedExecutionException("full");
                })
                .build()) {
            CompletableFuture<String> ranOn = blockOnStored(circuits, end);
            assertThat(ranOn.get(10, TimeUnit.SECONDS)).isNotEqualTo("interlock-store");

            circuits.override(CRITIC, ManualOverride.of(OverrideAction.OPEN, "anna"));
            assertThat(circuits.flush(SOON)).isTrue();
        } finally {
            end.countDown();
        }
    }

    /** Completed with the name of the thread on which a dependent runs that blocks. */
    private CompletableFuture<String> blockOnStored(CircuitBreakerManager circuits, CountDownLatch end) {
        CompletableFuture<String> ranOn = new CompletableFuture<>();
        CountDownLatch write = new CountDownLatch(1);
        store.onWrite = changes -> await(write);
        circuits.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
        circuits.stored(PLANNER).thenRun(() -> {
            ranOn.complete(Thread.currentThread().getName());
            await(end);
        });
        write.countDown();
        return ranOn;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
