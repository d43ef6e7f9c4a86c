package dev.interlock.issues;

import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.TimeSource;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * One Error outside a task, as when memory runs out for a moment, ended the scheduler's thread: after it no hold ended, no
 * call timed out, nothing was probed, and no figure said so.
 */
class ErrorInTheClockTest {
    /** Fails once, on the thread of the timers. */
    private static final class FailingOnce implements TimeSource {
        final AtomicBoolean fails = new AtomicBoolean();
        final AtomicBoolean failed = new AtomicBoolean();

        @Override
        public long ticks() {
            if (Thread.currentThread().getName().equals("interlock-timers") && fails.compareAndSet(true, false)) {
                Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
                failed.set(true);
                throw new OutOfMemoryError("as if");
            }
            return TimeSource.system().ticks();
        }

        @Override
        public Instant wallTime() {
            return TimeSource.system().wallTime();
        }
    }

    @Test
    void a_hold_ends_after_an_error_in_the_clock() {
        FailingOnce time = new FailingOnce();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.defaults())
                .time(time)
                .build()) {
            CircuitBreaker circuit = circuits.getOrCreate("agent");
            time.fails.set(true);
            hold(circuit); // wakes the thread
            await().untilTrue(time.failed);

            hold(circuit);

            await().until(() -> circuit.snapshot().hold() == null);
        }
    }

    private static void hold(CircuitBreaker circuit) {
        circuit.override(ManualOverride.of(OverrideAction.HOLD_CLOSED, "ada")
                .until(Instant.now().plusMillis(20)));
    }
}
