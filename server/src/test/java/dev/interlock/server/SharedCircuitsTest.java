package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.redis.RedisServer;
import dev.interlock.server.config.Config;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where a server's circuits lie, and what becomes of that when it ends. */
class SharedCircuitsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    /** Closed was Redis alone: what the database lacked stayed out of it, and a thread went on asking a closed client. */
    @Test
    void a_server_that_ends_pays_the_database_what_it_owes_and_leaves_no_thread_behind() throws InterruptedException {
        try (RedisServer redis = RedisServer.start()) {
            AwayDatabase database = new AwayDatabase();
            SharedCircuits shared = SharedCircuits.open(
                    Config.read(Map.of("redis-url", redis.url(), "redis-slow-after", "1s"), Map.of(), null), database);
            assertThat(shared.store().write(List.of(CircuitChange.of(open("planner")))))
                    .isEmpty();
            await().atMost(LONG).until(() -> database.attempts.get() >= 5); // the next one is far away by now
            database.away = false;
            shared.close();

            Thread payer = Objects.requireNonNull(database.payer);
            TimeUnit.NANOSECONDS.timedJoin(payer, LONG.toNanos());
            assertThat(payer.isAlive()).isFalse();
            assertThat(database.find("default", "planner")).isEqualTo(open("planner"));
        }
    }

    private static CircuitRecord open(String name) {
        Instant noon = Instant.parse("2026-01-01T12:00:00Z");
        return new CircuitRecord(
                "default", name, "open", 5, 1, 0, 1, 1, 0, null, noon, noon, null, false, null, null, null, "default",
                7);
    }

    /** One that cannot be written to, until it can. */
    private static final class AwayDatabase implements CircuitStore {
        private final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        private final AtomicInteger attempts = new AtomicInteger();
        private volatile boolean away = true;
        private volatile @Nullable Thread payer;

        @Override
        public long nextGeneration() {
            return kept.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            kept.readNotClosed(reader);
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            return kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            payer = Thread.currentThread();
            attempts.incrementAndGet();
            if (away) {
                throw new StoreUnavailableException("The database is away", null);
            }
            return kept.write(changes);
        }

        @Override
        public void close() {
            throw new AssertionError("It goes with the server's database");
        }
    }
}
