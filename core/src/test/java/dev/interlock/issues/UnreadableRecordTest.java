package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One record that could not be read made every process deaf, and none could start. */
class UnreadableRecordTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final CircuitId BROKEN = CircuitId.of("broken");

    private final List<Throwable> reported = new CopyOnWriteArrayList<>();
    private final Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();

    /** Its record of {@link #BROKEN} cannot be read, wherever it is met. */
    private final HookedStore store = new HookedStore() {
        @Override
        public void readNotClosed(CircuitReader reader) {
            reader.unreadable(unreadable());
            super.readNotClosed(reader);
        }

        @Override
        public CircuitRecord find(String organization, String name) {
            if (name.equals("broken")) {
                throw unreadable();
            }
            return super.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(java.util.Collection<CircuitChange> changes) {
            if (changes.stream().anyMatch(change -> change.record().name().equals("broken"))) {
                throw unreadable();
            }
            return super.write(changes);
        }
    };

    @BeforeEach
    void listen() {
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
    }

    @AfterEach
    void restore() {
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    @Test
    void processesStartWithTheOthersAndHearOfThemAndItIsReportedOnce() {
        store.kept.write(List.of(CircuitChange.of(record("open"))));
        try (CircuitBreakerManager a = manager();
                CircuitBreakerManager b = manager()) {
            assertThat(a.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
            for (int i = 0; i < 3; i++) {
                store.subscribers.forEach(CircuitSubscriber::onGap);
                store.subscribers.forEach(subscriber -> subscriber.onUnreadable(unreadable()));
            }
            a.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "anna"));
            await().dontCatchUncaughtExceptions()
                    .until(() -> b.snapshot(PLANNER).state() == CircuitState.CLOSED);
            await().dontCatchUncaughtExceptions().until(b::isStoreAvailable);
        }
        assertThat(reported).hasSize(2).allMatch(UnreadableRecordException.class::isInstance); // once a process
        assertThat(reported.get(0)).hasMessageContaining("'default/broken'").hasMessageContaining("delete");
    }

    @Test
    void whoWaitsForItsCircuitHearsThatItIsNotStoredAndTheStoreStaysAvailable() throws Exception {
        try (CircuitBreakerManager a = manager()) {
            a.override(BROKEN, ManualOverride.of(OverrideAction.OPEN, "anna"));
            assertThat(a.stored(BROKEN).toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .isFalse();
            a.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));

            assertThat(a.flush(Duration.ofSeconds(10))).isTrue();
            assertThat(a.storeBacklog()).isZero();
            assertThat(a.isStoreAvailable()).isTrue();
            assertThat(a.snapshot(BROKEN).state()).isEqualTo(CircuitState.OPEN);
        }
    }

    @Test
    void aRecordWithANameThatNoCircuitMayHaveIsOneOfThem() {
        CircuitRecord endless = new CircuitRecord(
                "default",
                "x".repeat(10_000),
                "open",
                7,
                5,
                0,
                5,
                1,
                0,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                false,
                null,
                null,
                null,
                "default",
                77);
        store.kept.write(List.of(CircuitChange.of(endless), CircuitChange.of(record("open"))));
        try (CircuitBreakerManager a = manager()) {
            assertThat(a.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
            store.subscribers.forEach(subscriber -> subscriber.onChanged(endless));
            assertThat(a.flush(Duration.ofSeconds(10))).isTrue();
        }
        assertThat(reported).hasSize(2);
    }

    private CircuitBreakerManager manager() {
        return CircuitBreakerManager.builder().store(store).build();
    }

    private static CircuitRecord record(String state) {
        return new CircuitRecord(
                "default",
                "planner",
                state,
                7,
                5,
                0,
                5,
                1,
                0,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                false,
                null,
                null,
                null,
                "default",
                77);
    }

    private static UnreadableRecordException unreadable() {
        return new UnreadableRecordException("default", "broken", "it", new IllegalStateException("no field 'x'"));
    }
}
