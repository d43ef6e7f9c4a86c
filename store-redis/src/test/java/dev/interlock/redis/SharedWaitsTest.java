package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Mode;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Waits of failures, and mode observe, where several nodes share a circuit. */
class SharedWaitsTest {
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static RedisServer redis;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @Test
    void theLongestWaitOfTheStreakIsThatOfAllNodes() {
        try (Nodes nodes = new Nodes(config -> config.failureThreshold(3).failureRateThreshold(null))) {
            Node a = nodes.start(redis.url());
            Node b = nodes.start(redis.url());
            b.planner();
            a.planner().record(Outcome.failure(FailureKind.OVERLOADED).retryAfter(TEN_MINUTES));
            b.fail(2);

            eventually(() -> a.look().state() == CircuitState.OPEN && b.look().state() == CircuitState.OPEN);
            assertThat(a.look().retryAfter()).isBetween(Duration.ofMinutes(9), TEN_MINUTES);
            assertThat(b.look().retryAfter()).isBetween(Duration.ofMinutes(9), TEN_MINUTES);
        }
    }

    @Test
    void aTripOfAllRefusesNothingOnAnyNodeThatObserves() {
        try (Nodes nodes = new Nodes(config -> config.failureThreshold(3).mode(Mode.OBSERVE))) {
            Node a = nodes.start(redis.url());
            Node b = nodes.start(redis.url());
            b.planner();
            a.fail(3);

            eventually(() -> b.look().state() == CircuitState.OPEN);
            for (Node node : new Node[] {a, b}) {
                Permit passes = node.planner().tryAcquire();
                assertThat(passes).isNotNull();
                assertThat(passes.isTrial()).isFalse();
                assertThat(passes.succeed()).isEqualTo(Settlement.LATE);
                assertThat(node.look().state()).isEqualTo(CircuitState.OPEN);
            }

            a.order(OverrideAction.OPEN, "ada");
            assertThat(a.planner().tryAcquire()).isNull();
            eventually(() -> b.planner().tryAcquire() == null);
        }
    }
}
