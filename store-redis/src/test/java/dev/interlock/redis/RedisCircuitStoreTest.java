package dev.interlock.redis;

import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitStoreContract;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A single Redis does what every store must do. */
class RedisCircuitStoreTest extends CircuitStoreContract {
    private static RedisServer redis;

    private RedisCircuitStore store;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @BeforeEach
    void empty() {
        store = RedisCircuitStore.open(RedisSettings.of(redis.url())
                .withPrefix("test-" + UUID.randomUUID())
                .withSlowAfter(Duration.ofSeconds(1)));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected CircuitStore open() {
        return store;
    }
}
