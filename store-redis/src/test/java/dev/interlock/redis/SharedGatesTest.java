package dev.interlock.redis;

import static dev.interlock.redis.Nodes.PLANNER;
import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Gate;
import dev.interlock.GateChange;
import dev.interlock.GateConfirmation;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Gates of processes that share circuits: all obey them, also one that was detached or begins later. */
@Tag("slow")
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
    void aChangeSaysWhichProcessesObeyItAndOneThatIsCutOffIsMissing() {
        GateConfirmation whole = confirmed(a.manager.gates().put(stop()), Duration.ofSeconds(30));
        assertThat(whole.isWhole()).isTrue();
        assertThat(whole.confirmed()).containsExactlyInAnyOrder(name(a), name(b));
        assertThat(b.planner().tryAcquire()).as("who confirmed gives no permit").isNull();

        proxy.mode(Proxy.Mode.CUT);
        GateConfirmation partly = confirmed(
                Objects.requireNonNull(b.manager.gates().remove(PLANNER.organization(), "stop", "bob", null)),
                Duration.ofMillis(500));
        assertThat(partly.missing()).containsExactly(name(a));
        assertThat(partly.confirmed()).containsExactly(name(b));
        proxy.mode(Proxy.Mode.PASS);
        eventually(() -> confirmed(b.manager.gates().put(stop()), Duration.ofSeconds(30))
                .confirmed()
                .contains(name(a)));
    }

    @Test
    void aProcessThatBeginsObeysAndWhoHasEndedIsNotWaitedFor() {
        GateChange put = b.manager.gates().put(stop());
        assertThat(confirmed(put, Duration.ofSeconds(30)).confirmed()).hasSize(2);
        Node c = nodes.start(redis.url(), Duration.ofSeconds(1));
        eventually(() -> confirmed(put, Duration.ofSeconds(30)).confirmed().contains(name(c)));

        a.manager.close();
        GateConfirmation left = confirmed(
                Objects.requireNonNull(b.manager.gates().remove(PLANNER.organization(), "stop", "bob", null)),
                Duration.ofSeconds(30));
        assertThat(left.isWhole()).isTrue();
        assertThat(left.confirmed()).containsExactlyInAnyOrder(name(b), name(c));
    }

    private static GateConfirmation confirmed(GateChange change, Duration limit) {
        return change.confirmed(limit).toCompletableFuture().join();
    }

    private static String name(Node node) {
        return node.manager.settlements().process();
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
