package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitListener;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.StateTransition;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The thread that came first to the publisher reported what everybody brought, for as long as they brought something: one
 * override took five seconds and reported a million transitions of others.
 */
class OneCallReportsEverybodysTransitionsTest {
    private static final ManualOverride OPEN = ManualOverride.of(OverrideAction.OPEN, "test");
    private static final ManualOverride CLOSE = ManualOverride.of(OverrideAction.CLOSE, "test");
    private static final int OTHERS = 1_000;

    private final CountDownLatch reporting = new CountDownLatch(1);
    private final CountDownLatch brought = new CountDownLatch(1);
    private final AtomicReference<Thread> first = new AtomicReference<>();
    private final AtomicInteger byTheFirst = new AtomicInteger();
    private final AtomicInteger byAll = new AtomicInteger();

    @Test
    void aCallReportsItsOwnAndAboutAHundredOfOthers() throws InterruptedException {
        CircuitListener listener = new CircuitListener() {
            @Override
            public void onTransition(StateTransition transition) {
                if (first.compareAndSet(null, Thread.currentThread())) {
                    reporting.countDown();
                    awaitQuietly(brought);
                }
                if (Thread.currentThread() == first.get()) {
                    byTheFirst.incrementAndGet();
                }
                byAll.incrementAndGet();
            }
        };
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(new ManualTimeSource())
                .executor(Runnable::run)
                .listener(listener)
                .listenerCapacity(1_000_000)
                .build()) {
            Thread caller = new Thread(() -> circuits.getOrCreate("mine").override(OPEN));
            caller.start();
            reporting.await();
            CircuitBreaker other = circuits.getOrCreate("other");
            for (int i = 0; i < OTHERS; i++) {
                other.override(i % 2 == 0 ? OPEN : CLOSE);
            }
            brought.countDown();
            caller.join();

            assertThat(byTheFirst.get()).isBetween(1, 250);
            await().untilAsserted(() -> assertThat(byAll).hasValue(1 + OTHERS));
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
