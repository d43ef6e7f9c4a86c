package dev.interlock.redis.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * With the database behind Redis away, a closing was never heard after a gap, and shared circuits hardly tripped and hardly
 * recovered: what the database was owed kept circuits from being judged together, and all waited for its next try.
 */
@Tag("slow")
class DatabaseBehindRedisIsAwayTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");

    /** Twenty times what it takes, and half of what the waits for the database took. */
    private static final Duration SOON = Duration.ofSeconds(5);

    private final RedisServer redis = RedisServer.start();
    private final Archive archive = new Archive();
    private final CircuitStore storeOfA = connect();
    private final CircuitStore storeOfB = connect();
    private final CircuitBreakerManager a = manage(storeOfA);
    private final CircuitBreakerManager b = manage(storeOfB);

    @AfterEach
    void close() {
        archive.hung.countDown();
        archive.away = false;
        a.close();
        b.close();
        storeOfA.close();
        storeOfB.close();
        redis.close();
    }

    @Test
    void aClosingIsHeardAfterAGap() {
        a.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
        archive.away = true;
        redis.suspend();
        await().until(() -> a.isDetached() && b.isDetached());
        redis.resume();
        await().atMost(Duration.ofSeconds(20)).until(() -> !a.isDetached() && !b.isDetached());
        a.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "anna"));

        await().atMost(SOON).until(() -> b.snapshot(PLANNER).state() == CircuitState.CLOSED);
    }

    @Test
    void circuitsTripAndRecoverAndOverridesAreHeard() {
        archive.away = true;
        a.override(CircuitId.of("other"), ManualOverride.of(OverrideAction.OPEN, "anna"));
        await().until(() -> !a.isStoreAvailable());
        for (int round = 0; round < 3; round++) {
            await().atMost(SOON).until(() -> {
                call(a, false);
                call(b, false);
                return a.snapshot(PLANNER).state() == CircuitState.OPEN;
            });
            await().atMost(SOON).until(() -> {
                call(b, true);
                return b.snapshot(PLANNER).state() == CircuitState.CLOSED
                        && a.snapshot(PLANNER).state() == CircuitState.CLOSED;
            });
        }
        a.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
        await().atMost(SOON).until(() -> b.snapshot(PLANNER).hold() != null);
        assertThat(a.isStoreAvailable()).isFalse();
        assertThat(a.storeBacklog()).isBetween(1, 2);
    }

    @Test
    void aDatabaseThatHangsHoldsUpNobody() throws Exception {
        archive.hangs = true;
        a.override(CircuitId.of("other"), ManualOverride.of(OverrideAction.OPEN, "anna"));
        assertThat(archive.reached.await(10, TimeUnit.SECONDS)).isTrue();
        a.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));

        await().atMost(SOON).until(() -> b.snapshot(PLANNER).hold() != null);
        var stored = a.stored(PLANNER).toCompletableFuture();
        assertThat(a.flush(Duration.ofMillis(50))).isFalse();
        assertThat(stored).isNotDone();
        archive.hangs = false;
        archive.hung.countDown();
        assertThat(stored.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(Objects.requireNonNull(archive.find("default", "planner")).held())
                .isTrue();
    }

    private static void call(CircuitBreakerManager circuits, boolean succeeds) {
        Permit permit = circuits.getOrCreate(PLANNER).tryAcquire();
        if (permit != null && succeeds) {
            permit.succeed();
        } else if (permit != null) {
            permit.fail(FailureKind.TIMEOUT);
        }
    }

    private CircuitStore connect() {
        return RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofMillis(500)))
                .inFrontOf(archive);
    }

    private static CircuitBreakerManager manage(CircuitStore store) {
        return CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder()
                        .scope(Scope.SHARED)
                        .cooldown(Duration.ofMillis(500))
                        .build())
                .store(store)
                .build();
    }

    /** A database that can be away, or hang in its next write. */
    private static final class Archive implements CircuitStore {
        private final InMemoryCircuitStore records = new InMemoryCircuitStore();
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch hung = new CountDownLatch(1);
        private volatile boolean away;
        private volatile boolean hangs;

        @Override
        public long nextGeneration() {
            return records.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            reach();
            records.readNotClosed(reader);
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            return records.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            reach();
            if (hangs) {
                reached.countDown();
                try {
                    hung.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            return records.write(changes);
        }

        private void reach() {
            if (away) {
                throw new StoreUnavailableException("The database is away", null);
            }
        }

        @Override
        public void close() {}
    }
}
