package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Closing a manager took its scheduler away, and calls with a time limit waited for ever: those under way and later ones. */
class CloseWithCallsUnderWayTest {
    private static final Duration LIMIT = Duration.ofHours(1);

    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
    private final Guard guard = circuits.guard("agent");
    private final CompletableFuture<String> source = new CompletableFuture<>();

    @Test
    void closing_ends_a_call_with_a_time_limit() {
        CompletableFuture<String> call = guard.withTimeout(LIMIT).callAsync(() -> source);

        circuits.close();

        assertThat(call)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(java.util.concurrent.CancellationException.class)
                // Newer JDKs wrap it in another one of the same class.
                .withStackTraceContaining(
                        "The manager was closed before agent answered; nobody is left to keep the limit of 1h");
        await().until(source::isCancelled);
        assertThat(circuits.snapshot(guard.id()).figures().calls())
                .as("says nothing about the agent")
                .isZero();
    }

    @Test
    void closing_leaves_a_call_without_a_time_limit_alone() {
        CompletableFuture<String> call = guard.callAsync(() -> source);

        circuits.close();
        source.complete("plan");

        assertThat(call).isCompletedWithValue("plan");
        assertThat(circuits.snapshot(guard.id()).figures().calls()).isEqualTo(1);
    }

    @Test
    void a_limit_is_kept_for_a_call_that_begins_after_close() {
        circuits.close();

        CompletableFuture<String> call =
                guard.withTimeout(Duration.ofMillis(20)).callAsync(() -> source);

        assertThat(call)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(TimeoutException.class);
        await().until(source::isCancelled);
        assertThat(circuits.snapshot(guard.id()).figures().calls()).isEqualTo(1);
    }
}
