package dev.interlock.redis;

import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitStoreContract;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A single Redis does what every store must do. */
class RedisCircuitStoreTest extends CircuitStoreContract {
    private static RedisServer redis;

    private final String prefix = "test-" + UUID.randomUUID();

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
        store = RedisCircuitStore.open(
                RedisSettings.of(redis.url()).withPrefix(prefix).withSlowAfter(Duration.ofSeconds(1)));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected CircuitStore open() {
        return store;
    }

    @Override
    protected void alter(String name, @Nullable String state) {
        String key = new Keys(prefix).record("default", name);
        redis.run(commands -> state == null ? commands.hdel(key, "changed") : commands.hset(key, "state", state));
    }
}
