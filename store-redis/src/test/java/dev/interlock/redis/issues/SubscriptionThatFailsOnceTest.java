package dev.interlock.redis.issues;

import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A subscription that failed once was not tried again while attached: others were heard of only when all was read. */
class SubscriptionThatFailsOnceTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");

    @Test
    void itIsTriedAgainSoon() {
        RedisServer redis = RedisServer.start();
        RedisSettings settings = RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(1));
        try (RedisCircuitStore here = RedisCircuitStore.open(settings);
                CircuitBreakerManager a =
                        CircuitBreakerManager.builder().store(here).build()) {
            allow(redis, AclSetuserArgs.Builder.removeCommand(CommandType.SUBSCRIBE));
            try (RedisCircuitStore there = RedisCircuitStore.open(settings);
                    CircuitBreakerManager b =
                            CircuitBreakerManager.builder().store(there).build()) {
                await().until(there::isAttached);
                allow(redis, AclSetuserArgs.Builder.addCommand(CommandType.SUBSCRIBE));
                a.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));

                // All is read again after ten seconds, which is not what is looked for.
                await().atMost(Duration.ofSeconds(6))
                        .until(() -> b.snapshot(PLANNER).state().equals(CircuitState.OPEN));
            }
        } finally {
            redis.close();
        }
    }

    private static void allow(RedisServer redis, AclSetuserArgs rule) {
        redis.run(commands -> commands.aclSetuser("default", rule));
    }
}
