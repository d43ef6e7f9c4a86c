package dev.interlock.redis;

import static dev.interlock.redis.Nodes.PLANNER;
import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Scope;
import dev.interlock.checks.Faults;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.GateStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Redis for agreement and a database for durability: what each of them is away for. */
@Tag("slow")
class ArchivedStoreTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final RedisServer redis = RedisServer.start();
    private final Archive archive = new Archive();
    private CircuitStore store = connect();
    private CircuitBreakerManager manager = manage();

    @AfterEach
    void close() {
        manager.close();
        store.close();
        redis.close();
    }

    @Test
    void whatIsAgreedIsInBoth() {
        trip();
        assertThat(manager.flush(SOON)).isTrue();

        assertThat(Objects.requireNonNull(archive.find("default", "planner")).state())
                .isEqualTo("open");
        assertThat(archive.lines).extracting(TransitionRecord::cause).containsExactly("failure_streak");
        restart();
        assertThat(look().state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void anEmptiedRedisIsFilledFromTheDatabase() {
        order(OverrideAction.HOLD_OPEN);
        assertThat(manager.flush(SOON)).isTrue();
        long before = look().epoch();
        manager.close();
        store.close();
        redis.run(commands -> commands.flushall());
        store = connect();
        manager = manage();

        assertThat(look().state()).isEqualTo(CircuitState.OPEN);
        assertThat(look().hold()).isNotNull();
        assertThat(look().epoch()).isGreaterThan(before);
        assertThat(isInRedis()).isTrue();
    }

    @Test
    void anOverrideWhileRedisIsAwayIsInTheDatabaseOnceAndIsThereAfterARestart() {
        redis.kill();
        eventually(() -> manager.isDetached());
        order(OverrideAction.HOLD_OPEN);
        eventually(() -> archive.lines.size() == 1);
        restart();
        assertThat(manager.isDetached()).isTrue();
        assertThat(look().hold()).isNotNull();

        redis.restart();
        eventually(() -> !manager.isDetached());
        eventually(() ->
                redis.run(commands -> commands.hget(new Keys("interlock").record("default", "planner"), "held"))
                        != null);
        assertThat(look().hold()).isNotNull();
        assertThat(archive.lines).hasSize(1);
    }

    @Test
    void whatACircuitDoesByItselfWhileRedisIsAwayIsNotInTheDatabase() {
        redis.kill();
        eventually(() -> manager.isDetached());
        trip();
        manager.flush(Duration.ofMillis(500));

        assertThat(look().state()).isEqualTo(CircuitState.OPEN);
        assertThat(archive.lines).isEmpty();
    }

    /** Redis has taken it: webhooks and incidents read of it in the database. */
    @Test
    void whatRedisTookWhoseAnswerWasLostIsInTheDatabaseWithItsLineOnce() {
        Faults.arm(Failpoint.RECORD_WRITTEN.name(), visit -> {
            if (visit == 1) {
                throw new StoreUnavailableException("The answer is lost", null);
            }
        });
        try {
            trip();
            eventually(() -> Faults.visits(Failpoint.RECORD_WRITTEN.name()) > 0);
            eventually(() -> manager.isStoreAvailable() && manager.flush(SOON));
        } finally {
            Faults.disarm(Failpoint.RECORD_WRITTEN.name());
        }
        eventually(() -> !archive.lines.isEmpty());
        assertThat(archive.lines).extracting(TransitionRecord::cause).containsExactly("failure_streak");
        assertThat(Objects.requireNonNull(archive.find("default", "planner")).state())
                .isEqualTo("open");
        order(OverrideAction.CLOSE);
        assertThat(manager.flush(SOON)).isTrue();
        assertThat(archive.lines).extracting(TransitionRecord::cause).containsExactly("failure_streak", "override");
    }

    @Test
    void ordersOfWhichTheFirstHadNoAnswerAreInTheDatabaseOnceEach() {
        Faults.arm(Failpoint.RECORD_WRITTEN.name(), visit -> {
            if (visit == 1) {
                order(OverrideAction.HOLD_CLOSED);
                throw new StoreUnavailableException("The answer is lost", null);
            }
        });
        try {
            order(OverrideAction.HOLD_OPEN);
            eventually(() -> Faults.visits(Failpoint.RECORD_WRITTEN.name()) > 0);
            eventually(() -> manager.isStoreAvailable() && manager.flush(SOON));
        } finally {
            Faults.disarm(Failpoint.RECORD_WRITTEN.name());
        }
        assertThat(archive.lines).extracting(TransitionRecord::action).containsExactly("hold_open", "hold_closed");
        assertThat(Objects.requireNonNull(archive.find("default", "planner")).state())
                .isEqualTo("closed");
    }

    @Test
    void anOverrideWhileTheDatabaseIsAwayIsNotAcknowledgedUntilItIsThere() throws Exception {
        archive.away = true;
        order(OverrideAction.HOLD_OPEN);
        var stored = manager.stored(PLANNER).toCompletableFuture();
        eventually(() -> !manager.isStoreAvailable());
        assertThat(isInRedis()).isTrue();
        assertThat(stored).isNotDone();

        archive.away = false;
        assertThat(stored.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(archive.lines).extracting(TransitionRecord::action).containsExactly("hold_open");
        eventually(() -> manager.isStoreAvailable());
    }

    /**
     * Redis forgot, both were compared, and only then another process paid what it owed, and died: what only the database
     * had came to Redis when a process was attached the next time, which may be never.
     */
    @Test
    void whatIsPaidAfterTheComparisonComesToRedisByTheNextOne() {
        manager.close();
        store.close();
        RedisCircuitStore front =
                RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(2)));
        ArchivedStore both = new ArchivedStore(front, archive, new Comparison(front, archive, Duration.ofMillis(100)));
        front.link().watch(both);
        store = both;
        manager = manage();
        int comparisons = archive.reads.get();
        eventually(() -> archive.reads.get() > comparisons);

        archive.write(List.of(CircuitChange.of(heldBy("ben"))));

        eventually(() -> isInRedis() && look().hold() != null);
        assertThat(Objects.requireNonNull(look().hold()).actor()).isEqualTo("ben");
    }

    private static CircuitRecord heldBy(String actor) {
        Instant now = Instant.now();
        return new CircuitRecord(
                "default",
                PLANNER.name(),
                "open",
                1L << 40,
                0,
                0,
                0,
                1,
                0,
                null,
                now,
                now,
                null,
                true,
                null,
                actor,
                null,
                "default",
                1L << 8);
    }

    private boolean isInRedis() {
        String key = new Keys("interlock").record("default", "planner");
        return redis.run(commands -> commands.exists(key)) == 1;
    }

    private void trip() {
        for (int i = 0; i < 5; i++) {
            manager.getOrCreate(PLANNER).recordFailure(FailureKind.TIMEOUT);
        }
        eventually(() -> look().state() == CircuitState.OPEN);
    }

    private void order(OverrideAction action) {
        manager.override(PLANNER, ManualOverride.of(action, "anna"));
    }

    private CircuitSnapshot look() {
        return manager.snapshot(PLANNER);
    }

    private void restart() {
        Thread closing = new Thread(manager::close); // waits for what cannot be stored
        closing.start();
        try {
            closing.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        store.close();
        store = connect();
        manager = manage();
    }

    private CircuitStore connect() {
        return RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofMillis(500)))
                .inFrontOf(archive);
    }

    private CircuitBreakerManager manage() {
        return CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder().scope(Scope.SHARED).build())
                .store(store)
                .build();
    }

    /** A database that keeps lines and can be away. */
    private static final class Archive implements CircuitStore {
        private final InMemoryCircuitStore records = new InMemoryCircuitStore();
        private final List<TransitionRecord> lines = new CopyOnWriteArrayList<>();
        private final AtomicInteger reads = new AtomicInteger();
        private volatile boolean away;

        @Override
        public GateStore gates() {
            return records.gates();
        }

        @Override
        public long nextGeneration() {
            return records.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            records.readNotClosed(reader);
            reads.incrementAndGet();
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            return records.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            if (away) {
                throw new StoreUnavailableException("The database is away", null);
            }
            List<CircuitRecord> inTheWay = records.write(changes);
            changes.stream()
                    .filter(change -> inTheWay.stream()
                            .noneMatch(record ->
                                    record.name().equals(change.record().name())))
                    .forEach(change -> lines.addAll(change.transitions()));
            return inTheWay;
        }

        @Override
        public void close() {
            records.close();
        }
    }
}
