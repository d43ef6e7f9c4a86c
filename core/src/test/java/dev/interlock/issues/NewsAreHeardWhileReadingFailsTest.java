package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Reading again after a gap came first, and when it failed neither news nor doubts were looked at: a closing was heard only
 * once reading was possible again.
 */
class NewsAreHeardWhileReadingFailsTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");

    private final HookedStore store = new HookedStore();
    private final CircuitBreakerManager a = manager();
    private final CircuitBreakerManager b = manager();

    @AfterEach
    void close() {
        store.onRead = () -> {};
        store.onFind = () -> {};
        store.onWrite = changes -> {};
        a.close();
        b.close();
    }

    @Test
    void aClosingIsHeardWhileReadingAgainFails() {
        a.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
        AtomicInteger reads = new AtomicInteger();
        store.onRead = () -> {
            reads.incrementAndGet();
            throw new StoreUnavailableException("It cannot be read", null);
        };
        store.subscribers.forEach(CircuitSubscriber::onGap);
        await().until(() -> reads.get() >= 4);
        a.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "anna"));

        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.CLOSED);
    }

    @Test
    void anOverrideIsWrittenAtOnceWhileReadingAgainFails() {
        AtomicInteger reads = new AtomicInteger();
        AtomicBoolean reading = new AtomicBoolean(true);
        store.onRead = () -> {
            reads.incrementAndGet();
            if (reading.get()) {
                throw new AssertionError("It cannot be read");
            }
        };
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {});
        try {
            store.subscribers.forEach(CircuitSubscriber::onGap);
            await().dontCatchUncaughtExceptions().until(() -> reads.get() >= 4);
            a.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));

            assertThat(a.flush(Duration.ofSeconds(10))).isTrue();
            await().dontCatchUncaughtExceptions()
                    .until(() -> b.snapshot(PLANNER).hold() != null);
        } finally {
            reading.set(false);
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void newsAreHeardWhileWritingFails() {
        store.onWrite = changes -> {
            if (changes.stream().anyMatch(change -> change.record().name().equals("poison"))) {
                throw new StoreUnavailableException("It cannot be written", null);
            }
        };
        b.override(CircuitId.of("poison"), ManualOverride.of(OverrideAction.OPEN, "ben"));
        await().until(() -> !b.isStoreAvailable());
        a.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));

        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
    }

    private CircuitBreakerManager manager() {
        return CircuitBreakerManager.builder()
                .store(store)
                .executor(Runnable::run)
                .build();
    }
}
