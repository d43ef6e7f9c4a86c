package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What outlives a manager when it has a store. */
class RestartTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final FlakyStore store = new FlakyStore();
    private ManualTimeSource time = new ManualTimeSource();
    private CircuitBreakerManager manager = start();

    @AfterEach
    void close() {
        store.away = false;
        manager.close();
    }

    @Test
    void anOpenCircuitComesBackWithTheCooldownThatIsLeft() {
        trip();
        time.advance(Duration.ofSeconds(20));

        restartAfter(Duration.ofSeconds(15));

        assertThat(snapshot().state()).isEqualTo(CircuitState.OPEN);
        assertThat(snapshot().retryAfter()).isEqualTo(Duration.ofSeconds(25));
        assertThat(snapshot().openings()).isEqualTo(1);
        assertThat(snapshot().figures().consecutiveFailures()).isEqualTo(5);
        time.advance(Duration.ofSeconds(25));
        assertThat(manager.getOrCreate(PLANNER).tryAcquire()).isNotNull();
    }

    @Test
    void aWallClockThatSteppedBackDoesNotLengthenTheCooldown() {
        trip();

        restartAfter(Duration.ofHours(-1));

        assertThat(snapshot().retryAfter()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void aHalfOpenCircuitComesBackOpenWithNoCooldownLeft() {
        trip();
        time.advance(Duration.ofSeconds(60));
        manager.getOrCreate(PLANNER).acquire();
        assertThat(snapshot().state()).isEqualTo(CircuitState.HALF_OPEN);

        restartAfter(Duration.ZERO);

        assertThat(snapshot().state()).isEqualTo(CircuitState.OPEN);
        assertThat(snapshot().retryAfter()).isZero();
    }

    @Test
    void aCallThatBeganBetweenTheOpeningAndTheRestartIsEvidenceAndOneFromBeforeTheOpeningIsLate() {
        trip();
        restartAfter(Duration.ofSeconds(61));
        CircuitBreaker circuit = manager.getOrCreate(PLANNER);

        assertThat(circuit.record(Outcome.success(), Duration.ofSeconds(62))).isEqualTo(Settlement.LATE);
        assertThat(circuit.record(Outcome.success(), Duration.ofSeconds(30))).isEqualTo(Settlement.COUNTED);
        assertThat(snapshot().state()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(snapshot().trialsSucceeded()).isEqualTo(1);
    }

    @Test
    void holdsComeBackAsTheyWere() {
        Instant end = time.wallTime().plusSeconds(600);
        manager.override(
                PLANNER,
                ManualOverride.of(OverrideAction.HOLD_OPEN, "anna")
                        .because("rollout")
                        .until(end));
        manager.override(CircuitId.of("critic"), ManualOverride.of(OverrideAction.HOLD_CLOSED, "ben"));

        restartAfter(Duration.ofSeconds(60));

        assertThat(snapshot().hold()).isEqualTo(new Hold(end, "anna", "rollout"));
        assertThat(manager.snapshot(CircuitId.of("critic")).hold()).isEqualTo(new Hold(null, "ben", null));
        assertThat(manager.snapshotsNotClosed()).hasSize(2);
        time.advance(Duration.ofSeconds(540));
        assertThat(snapshot().hold()).isNull();
        assertThat(snapshot().state()).isEqualTo(CircuitState.OPEN);
        assertThat(snapshot().retryAfter()).isZero();
    }

    @Test
    void theGrownCooldownGoesOnGrowing() {
        CircuitBreakerConfig growing =
                CircuitBreakerConfig.builder().cooldownMultiplier(2).build();
        manager.putDefaultPolicy(growing);
        trip();
        time.advance(Duration.ofSeconds(60));
        manager.getOrCreate(PLANNER).acquire().fail(FailureKind.ERROR);
        assertThat(snapshot().retryAfter()).isEqualTo(Duration.ofSeconds(120));

        restartAfter(Duration.ofSeconds(120));
        manager.putDefaultPolicy(growing);
        manager.getOrCreate(PLANNER).acquire().fail(FailureKind.ERROR);

        assertThat(snapshot().retryAfter()).isEqualTo(Duration.ofSeconds(240));
    }

    @Test
    void closedCircuitsAreMadeAgainAndNoEpochComesTwice() {
        trip();
        long open = snapshot().epoch();
        manager.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "anna"));
        long closed = snapshot().epoch();

        restartAfter(Duration.ZERO);

        assertThat(manager.size()).isZero();
        assertThat(manager.getOrCreate(PLANNER).snapshot().epoch()).isGreaterThan(closed);
        assertThat(closed).isGreaterThan(open);
    }

    @Test
    void whileTheStoreIsAwayCircuitsGoOnAndTheNewestStateArrivesLater() {
        store.away = true;
        trip();
        manager.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));

        assertThat(manager.flush(Duration.ofMillis(1))).isFalse();
        await().until(() -> !manager.isStoreAvailable());
        await().until(() -> manager.storeBacklog() == 1);
        assertThat(snapshot().hold()).isNotNull();

        store.away = false;
        assertThat(manager.flush(SOON)).isTrue();
        assertThat(manager.isStoreAvailable()).isTrue();
        assertThat(manager.storeBacklog()).isZero();
        assertThat(store.read()).singleElement().satisfies(record -> {
            assertThat(record.held()).isTrue();
            assertThat(record.epoch()).isEqualTo(snapshot().epoch());
        });
    }

    @Test
    void aManagerDoesNotStartWithoutItsStore() {
        store.away = true;

        assertThatThrownBy(this::start).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void anEarlyEndOfTheCooldownOutlivesTheProcess() {
        trip();
        manager.override(PLANNER, ManualOverride.of(OverrideAction.PROBE_NOW, "health"));

        restartAfter(Duration.ZERO);

        assertThat(snapshot().retryAfter()).isZero();
    }

    private CircuitBreakerManager start() {
        return CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .executor(Runnable::run)
                .build();
    }

    private void restartAfter(Duration wallTimePassed) {
        assertThat(manager.flush(SOON)).isTrue();
        manager.close();
        time = new ManualTimeSource(time.wallTime().plus(wallTimePassed));
        manager = start();
    }

    private void trip() {
        CircuitBreaker circuit = manager.getOrCreate(PLANNER);
        for (int i = 0; i < 5; i++) {
            circuit.acquire().fail(FailureKind.ERROR);
        }
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    private CircuitSnapshot snapshot() {
        return manager.snapshot(PLANNER);
    }

    /** A store that can be away. */
    private static final class FlakyStore implements CircuitStore {
        private final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        private volatile boolean away;

        @Override
        public long nextGeneration() {
            reach();
            return kept.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            reach();
            kept.readNotClosed(reader);
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            reach();
            return kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            reach();
            return kept.write(changes);
        }

        @Override
        public void close() {}

        private List<CircuitRecord> read() {
            List<CircuitRecord> read = new ArrayList<>();
            kept.readNotClosed(read::add);
            return read;
        }

        private void reach() {
            if (away) {
                throw new StoreUnavailableException("The store is away", null);
            }
        }
    }
}
