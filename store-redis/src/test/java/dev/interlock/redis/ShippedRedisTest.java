package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.FailureKind;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Where the system has no Redis, a library's 6.2, the oldest that we promise to work with, takes its place. */
class ShippedRedisTest {
    @Test
    void twoNodesShareACircuitThroughIt() {
        String before = System.setProperty("interlock.redis", "shipped");
        try (RedisServer redis = RedisServer.start();
                Nodes nodes = new Nodes(config -> config.failureThreshold(5).cooldown(Duration.ofMinutes(1)))) {
            String info = redis.run(commands -> commands.info("server"));
            assertThat(info).contains("redis_version:6.2.");
            Node a = nodes.start(redis.url());
            Node b = nodes.start(redis.url());
            b.planner();
            a.fail(FailureKind.AUTHENTICATION);

            Nodes.eventually(() -> !b.look().retryAfter().isZero());
        } finally {
            if (before == null) {
                System.clearProperty("interlock.redis");
            } else {
                System.setProperty("interlock.redis", before);
            }
        }
    }
}
