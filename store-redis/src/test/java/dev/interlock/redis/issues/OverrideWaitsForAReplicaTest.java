package dev.interlock.redis.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Scope;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An override that waited for a replica which lagged held heartbeats up, and its process was detached. */
@Tag("slow")
class OverrideWaitsForAReplicaTest {
    private static final CircuitId AGENT = CircuitId.of("agent");

    @Test
    void theProcessStaysAttached() {
        try (RedisServer redis = RedisServer.start();
                RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1", Integer.toString(redis.port()))) {
            await().until(() ->
                    redis.run(commands -> commands.info("replication")).contains("state=online"));
            try (RedisCircuitStore store = RedisCircuitStore.open(
                            RedisSettings.of(redis.url()).withReplicas(1).withSlowAfter(Duration.ofMillis(500)));
                    CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                            .defaults(CircuitBreakerConfig.builder()
                                    .scope(Scope.SHARED)
                                    .build())
                            .store(store)
                            .build()) {
                await().until(store::isAttached);
                replica.suspend();

                circuits.override(AGENT, ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));

                await().during(Duration.ofSeconds(5))
                        .atMost(Duration.ofSeconds(15))
                        .until(store::isAttached);
                replica.resume();
                await().until(() -> circuits.storeBacklog() == 0);
                assertThat(store.isAttached()).isTrue();
            } finally {
                replica.resume();
            }
        }
    }
}
