package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.Gate;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateStoreContract;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gates in Redis and in a database behind it: whichever is away, none is lost and none comes back. */
class ArchivedGatesTest extends GateStoreContract {
    private final RedisServer redis = RedisServer.start();
    private final Archive archive = new Archive();
    private RedisCircuitStore inFront;
    private CircuitStore store;
    private CircuitBreakerManager manager;

    @BeforeEach
    void start() {
        inFront = RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(1)));
        InMemoryCircuitStore circuits = archive.kept;
        store = inFront.inFrontOf(circuits);
        manager = null;
    }

    @AfterEach
    void close() {
        stop();
        redis.close();
    }

    private void stop() {
        if (manager != null) {
            manager.close();
        }
        store.close();
    }

    @Override
    protected GateStore open() {
        return gates();
    }

    @Override
    protected Duration clocksApart() {
        return Duration.ofMillis(100);
    }

    @Test
    void anEmptiedRedisIsFilledFromTheDatabase() {
        gates().write(List.of(record("stop", 1)));
        redis.run(commands -> commands.flushall());

        assertThat(gates().read(Instant.now())).hasSize(1);
        assertThat(inFront.gates().find("acme", "stop")).isNotNull();
    }

    @Test
    void aRemovalThatTheDatabaseDidNotHearOfIsBroughtToIt() {
        gates().write(List.of(record("stop", 1)));
        inFront.gates().write(List.of(record("stop", 1).removed(new GateRecord.Removal("bob", null, Instant.now()))));

        assertThat(gates().read(Instant.now())).isEmpty();
        assertThat(Objects.requireNonNull(archive.find("acme", "stop")).isRemoved())
                .isTrue();
        redis.run(commands -> commands.flushall());
        assertThat(gates().read(Instant.now())).isEmpty();
    }

    /** Found by the model of gates: a Redis that has forgotten takes a change of a version that the database has, too. */
    @Test
    void ofTwoChangesOfOneVersionOneStandsInBoth() {
        GateRecord removed = record("stop", 1).removed(new GateRecord.Removal("bob", null, Instant.now()));
        archive.kept.gates().write(List.of(record("stop", 2)));
        inFront.gates().write(List.of(removed));
        archive.kept.gates().write(List.of(record("moved", 2)));
        GateRecord later = new GateRecord(
                "acme",
                "moved",
                2,
                "later",
                "agents",
                "a-*",
                "ann",
                null,
                Instant.now().plusSeconds(9),
                null,
                null);
        inFront.gates().write(List.of(later));

        assertThat(gates().read(Instant.now())).extracting(GateRecord::stamp).containsExactly("later");
        for (GateStore each : List.of(inFront.gates(), archive)) {
            for (GateRecord kept : List.of(removed, later)) {
                GateRecord stored = Objects.requireNonNull(each.find("acme", kept.id()));
                assertThat(stored.version()).isEqualTo(3);
                assertThat(stored.isSameChange(kept)).as("%s", stored).isTrue();
            }
        }
    }

    @Test
    void aGateThatWasPutWhileRedisIsAwayIsInTheDatabaseAndInRedisOnItsReturn() {
        manage();
        redis.kill();
        eventually(() -> !inFront.isAttached());
        manager.gates().put(Gate.ofOrganization("acme", "ann").named("stop"));
        var stored = manager.gates().written().toCompletableFuture();

        eventually(() -> archive.find("acme", "stop") != null);
        assertThat(stored).isNotDone();
        redis.restart();
        assertThat(stored).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(true);
        assertThat(inFront.gates().find("acme", "stop")).isNotNull();
    }

    @Test
    void aGateThatWasPutWhileTheDatabaseIsAwayActsThroughRedisAndIsNotSaidToBeStored() {
        manage();
        archive.away = true;
        manager.gates().put(Gate.ofOrganization("acme", "ann").named("stop"));
        var stored = manager.gates().written().toCompletableFuture();
        eventually(() -> inFront.gates().find("acme", "stop") != null);
        assertThat(gates().read(Instant.now())).hasSize(1);
        assertThat(stored).isNotDone();

        archive.away = false;
        assertThat(stored).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(true);
        assertThat(archive.find("acme", "stop")).isNotNull();
    }

    private void manage() {
        manager = CircuitBreakerManager.builder().store(new Both()).build();
    }

    private GateStore gates() {
        return new ArchivedGates(inFront.gates(), archive);
    }

    private static GateRecord record(String id, long version) {
        return new GateRecord(
                "acme", id, version, "stamp", "organization", null, "ann", null, Instant.now(), null, null);
    }

    /** The store, with gates whose database can be away. */
    private final class Both implements CircuitStore {
        @Override
        public GateStore gates() {
            return ArchivedGatesTest.this.gates();
        }

        @Override
        public long nextGeneration() {
            return store.nextGeneration();
        }

        @Override
        public void readNotClosed(dev.interlock.store.CircuitReader reader) {
            store.readNotClosed(reader);
        }

        @Override
        public dev.interlock.store.@Nullable CircuitRecord find(String organization, String name) {
            return store.find(organization, name);
        }

        @Override
        public List<dev.interlock.store.CircuitRecord> write(Collection<dev.interlock.store.CircuitChange> changes) {
            return store.write(changes);
        }

        @Override
        public void close() {}
    }

    /** A database that can be away. */
    private static final class Archive implements GateStore {
        final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        volatile boolean away;

        private GateStore reached() {
            if (away) {
                throw new StoreUnavailableException("The database is away", null);
            }
            return kept.gates();
        }

        @Override
        public List<GateRecord> read(Instant now) {
            return reached().read(now);
        }

        @Override
        public @Nullable GateRecord find(String organization, String id) {
            return reached().find(organization, id);
        }

        @Override
        public List<GateRecord> write(Collection<GateRecord> changes) {
            return reached().write(changes);
        }

        @Override
        public void subscribe(GateSubscriber subscriber) {
            kept.gates().subscribe(subscriber);
        }

        @Override
        public void unsubscribe(GateSubscriber subscriber) {
            kept.gates().unsubscribe(subscriber);
        }
    }
}
