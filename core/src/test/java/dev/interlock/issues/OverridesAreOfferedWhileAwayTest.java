package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ForwardingStore;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.StoreUnavailableException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A store that cannot be asked at the moment may still keep overrides, as Redis' does in the database behind it. It was
 * offered none while there was a circuit that it had refused before, nor more than the first 500.
 */
@Tag("slow")
class OverridesAreOfferedWhileAwayTest {
    private final Store store = new Store();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .store(store)
            .defaults(CircuitBreakerConfig.defaults())
            .executor(Runnable::run)
            .build();

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void although_one_was_refused_before() {
        override("refused");
        await().dontCatchUncaughtExceptions().until(() -> store.hasRefused);
        store.away = true;
        await().dontCatchUncaughtExceptions().until(() -> store.offered.contains("refused"));

        for (int i = 0; i < 5; i++) {
            String name = "other-" + i;
            override(name);
            await().dontCatchUncaughtExceptions().until(() -> store.offered.contains(name));
        }
    }

    @Test
    void however_many_there_are() {
        store.away = true;
        for (int i = 0; i < 1_200; i++) {
            override("agent-" + i);
        }
        await().dontCatchUncaughtExceptions().until(() -> store.offered.size() == 1_200);
        assertThat(circuits.isStoreAvailable()).isFalse();
    }

    private void override(String name) {
        circuits.override(CircuitId.of(name), ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
    }

    /** Is away without being asked, and notes what it is offered. */
    private static final class Store extends ForwardingStore {
        private final Set<String> offered = ConcurrentHashMap.newKeySet();
        private volatile boolean away;
        private volatile boolean hasRefused;

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            if (!away
                    && changes.stream()
                            .anyMatch(change -> change.record().name().equals("refused"))) {
                hasRefused = true;
                throw new IllegalStateException("of a test");
            }
            if (away) {
                changes.forEach(change -> offered.add(change.record().name()));
                throw StoreUnavailableException.notAsked("away for a test", null);
            }
            return kept.write(changes);
        }
    }
}
