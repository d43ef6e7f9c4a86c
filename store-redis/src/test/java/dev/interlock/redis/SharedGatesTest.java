package dev.interlock.redis;

import static dev.interlock.redis.Nodes.PLANNER;
import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Gate;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gates of processes that share circuits: all obey them, also one that was detached or begins later. */
class SharedGatesTest {
    private final RedisServer redis = RedisServer.start();
    private final Proxy proxy = new Proxy(redis.port());
    private final Nodes nodes = new Nodes(config -> config.failureThreshold(5).cooldown(Duration.ofMinutes(1)));
    private Node a;
    private Node b;

    @BeforeEach
    void start() {
        a = nodes.start(proxy.url(), Duration.ofMillis(200));
        b = nodes.start(redis.url(), Duration.ofSeconds(1));
    }

    @AfterEach
    void close() {
        nodes.close();
        proxy.close();
        redis.close();
    }

    @Test
    void whatOnePutsAllObeyAndWhoBeginsLaterBeforeItsFirstPermit() {
        a.manager.gates().put(stop());
        eventually(() -> b.planner().tryAcquire() == null);
        Node c = nodes.start(redis.url(), Duration.ofSeconds(1));
        assertThat(c.planner().tryAcquire()).isNull();

        c.manager.gates().remove(PLANNER.organization(), "stop", "bob", null);
        eventually(() -> a.planner().tryAcquire() != null && b.planner().tryAcquire() != null);
    }

    @Test
    void whatADetachedProcessPutsActsThereAtOnceAndElsewhereOnItsReturn() {
        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> a.manager.isDetached());
        a.manager.gates().put(stop());
        assertThat(a.planner().tryAcquire()).isNull();
        assertThat(b.planner().tryAcquire()).isNotNull();

        proxy.mode(Proxy.Mode.PASS);
        eventually(() -> b.planner().tryAcquire() == null);
    }

    @Test
    void aDetachedProcessObeysWhatItHeardAndHearsOfTheRemovalOnItsReturn() {
        b.manager.gates().put(stop());
        eventually(() -> a.planner().tryAcquire() == null);
        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> a.manager.isDetached());
        b.manager.gates().remove(PLANNER.organization(), "stop", "bob", null);
        assertThat(a.planner().tryAcquire()).isNull();

        proxy.mode(Proxy.Mode.PASS);
        eventually(() -> a.planner().tryAcquire() != null);
        assertThat(b.planner().tryAcquire()).isNotNull();
    }

    @Test
    void whatRedisHasForgottenTheProcessesBringBack() {
        a.manager.gates().put(stop());
        eventually(() -> b.planner().tryAcquire() == null);
        redis.run(commands -> commands.flushall());
        eventually(() -> {
            Node c = nodes.start(redis.url(), Duration.ofSeconds(1));
            return c.planner().tryAcquire() == null;
        });
    }

    private static Gate stop() {
        return Gate.ofAgents(PLANNER.organization(), "plan*", "ann").named("stop");
    }
}
