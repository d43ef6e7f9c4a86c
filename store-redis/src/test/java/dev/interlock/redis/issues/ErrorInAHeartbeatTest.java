package dev.interlock.redis.issues;

import static org.awaitility.Awaitility.await;

import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** After one Error in a heartbeat there was no other: a process stayed attached to a Redis that was gone. */
class ErrorInAHeartbeatTest {
    @Test
    void theHeartGoesOnBeating() {
        AtomicInteger errors = new AtomicInteger();
        InstantSource clock = () -> {
            if (errors.getAndDecrement() > 0) {
                throw new AssertionError("a clock that fails");
            }
            return Instant.now();
        };
        RedisServer redis = RedisServer.start();
        try (RedisCircuitStore store =
                RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(1)), clock)) {
            await().until(store::isAttached);
            errors.set(2);
            await().until(() -> errors.get() <= 0);
            redis.kill();

            await().until(() -> !store.isAttached());
            redis.restart();
            await().atMost(Duration.ofSeconds(30)).until(store::isAttached);
        } finally {
            redis.close();
        }
    }
}
