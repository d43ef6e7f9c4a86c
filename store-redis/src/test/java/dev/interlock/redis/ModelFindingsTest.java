package dev.interlock.redis;

import static dev.interlock.redis.Nodes.PLANNER;
import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the model of the protocol (docs/model) found in the code, as the code did it. */
class ModelFindingsTest {
    private static final Duration SLOW = Duration.ofSeconds(30);

    private final RedisServer redis = RedisServer.start();
    private final Proxy proxy = new Proxy(redis.port());
    private final Nodes nodes = new Nodes(config -> config.failureThreshold(1)
            .halfOpenMaxRequests(1)
            .trialsAtOnce(1)
            .successThreshold(1)
            .cooldown(Duration.ofSeconds(1)));

    @AfterEach
    void close() {
        nodes.close();
        proxy.close();
        redis.close();
    }

    @Test
    void thatEnoughTrialsHaveSucceededClosesNoLaterOpening() {
        Node node = nodes.start(proxy.url(), SLOW);
        node.fail();
        eventually(() -> node.look().state() == CircuitState.OPEN);
        Permit[] trial = new Permit[1];
        eventually(() -> (trial[0] = node.planner().tryAcquire()) != null);
        assertThat(node.manager.flush(Duration.ofSeconds(10))).isTrue();

        proxy.delay(500);
        trial[0].succeed();
        assertThat(node.look().state()).isEqualTo(CircuitState.CLOSED);
        node.fail(FailureKind.AUTHENTICATION);
        long opened = node.look().epoch();
        assertThat(node.look().state()).isEqualTo(CircuitState.OPEN);

        // Answers come in the order of what was asked: what Redis said of the trial has been heard by now.
        assertThat(node.manager.flush(Duration.ofSeconds(10))).isTrue();
        node.order(OverrideAction.OPEN, "ben");
        assertThat(node.manager.flush(Duration.ofSeconds(10))).isTrue();
        assertThat(node.transitions)
                .noneMatch(each ->
                        each.from() == CircuitState.OPEN && each.to() == CircuitState.CLOSED && each.epoch() > opened);
    }

    @Test
    void anEmptiedRedisGivesNoGenerationTwice() {
        Node node = nodes.start(redis.url(), SLOW);
        redis.run(commands -> commands.flushall());

        eventually(() -> redis.run(commands -> commands.get(new Keys(nodes.prefix()).generation()) != null));
        assertThat(nodes.start(redis.url(), SLOW).manager.generation()).isGreaterThan(node.manager.generation());
    }

    @Test
    void anotherEpochUnderTheSameNumberIsNoticed() {
        Node node = nodes.start(redis.url(), SLOW);
        node.order(OverrideAction.HOLD_OPEN, "anna");
        assertThat(node.manager.flush(Duration.ofSeconds(10))).isTrue();
        Keys keys = new Keys(nodes.prefix());
        // As somebody would inform a Redis that forgot who has not heard of the override, and counts as far.
        redis.run(commands -> {
            commands.hset(keys.record("default", PLANNER.name()), "actor", "ben");
            return commands.set(keys.life(), UUID.randomUUID().toString());
        });

        eventually(() -> {
            var hold = node.look().hold();
            return hold != null && "ben".equals(hold.actor());
        });
    }
}
