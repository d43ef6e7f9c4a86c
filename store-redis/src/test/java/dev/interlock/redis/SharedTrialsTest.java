package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Permit;
import dev.interlock.TransitionCause;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A circuit that is half-open is tried by all nodes together. */
@Tag("heavy")
@Tag("thorough")
class SharedTrialsTest {
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
    void sixteenCallersOverThreeNodesGetOneTrialWhenTheCapIsOne() throws InterruptedException {
        try (Nodes nodes = nodes(1, 1)) {
            List<Node> all = List.of(nodes.start(redis.url()), nodes.start(redis.url()), nodes.start(redis.url()));
            open(all);
            Queue<Permit> given = new ConcurrentLinkedQueue<>();
            AtomicBoolean stop = new AtomicBoolean();
            ExecutorService callers = Executors.newFixedThreadPool(16);
            for (int i = 0; i < 16; i++) {
                Node node = all.get(i % 3);
                callers.execute(() -> {
                    while (!stop.get()) {
                        Permit permit = node.planner().tryAcquire();
                        if (permit != null) {
                            given.add(permit);
                        }
                        Thread.yield();
                    }
                });
            }
            eventually(() -> !given.isEmpty());
            eventually(() -> all.stream().allMatch(node -> node.look().state() == CircuitState.HALF_OPEN));
            stop.set(true);
            callers.shutdown();
            assertThat(callers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();

            assertThat(given)
                    .singleElement()
                    .satisfies(permit -> assertThat(permit.isTrial()).isTrue());
            given.remove().succeed();
            eventually(() -> all.stream().allMatch(node -> node.look().state() == CircuitState.CLOSED));
        }
    }

    @Test
    void successesOfSeveralNodesCloseTogether() {
        try (Nodes nodes = nodes(2, 2)) {
            Node a = nodes.start(redis.url());
            Node b = nodes.start(redis.url());
            open(List.of(a, b));
            Permit onA = trial(a);
            Permit onB = trial(b);
            assertThat(a.planner().tryAcquire()).isNull();
            assertThat(b.planner().tryAcquire()).isNull();

            onA.succeed();
            onB.succeed();
            eventually(() -> a.look().state() == CircuitState.CLOSED && b.look().state() == CircuitState.CLOSED);
        }
    }

    @Test
    void aFailureOnOneOpensForAll() {
        try (Nodes nodes = nodes(2, 2)) {
            Node a = nodes.start(redis.url());
            Node b = nodes.start(redis.url());
            open(List.of(a, b));
            Permit onA = trial(a);
            Permit onB = trial(b);
            onA.fail(FailureKind.TIMEOUT);
            assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);
            eventually(() -> b.look().state() == CircuitState.OPEN);

            onB.succeed();
            assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);
            assertThat(a.transitions.get(a.transitions.size() - 1).cause()).isEqualTo(TransitionCause.TRIAL_FAILED);
        }
    }

    @Test
    void aNodeThatDiesGivesItsTrialsBack() {
        try (Nodes nodes = nodes(1, 1)) {
            Node a = nodes.start(redis.url());
            Node b = nodes.start(redis.url());
            open(List.of(a, b));
            trial(a);
            assertThat(b.planner().tryAcquire()).isNull();
            a.close();

            Permit onB = trial(b);
            onB.succeed();
            eventually(() -> b.look().state() == CircuitState.CLOSED);
        }
    }

    @Test
    void aTrialThatNobodyUsesGoesToWhoWantsIt() {
        try (Nodes nodes = nodes(1, 1)) {
            Node a = nodes.start(redis.url());
            Node b = nodes.start(redis.url());
            open(List.of(a, b));
            eventually(() -> a.look().retryAfter().toMillis() <= 100); // the cooldown is over, and no trial is at hand
            // Refused once, A is given a place that it does not use; B calls all the time.
            Permit first = a.planner().tryAcquire();
            if (first != null) {
                first.cancel();
            }
            Permit onB = trial(b);
            onB.succeed();
            eventually(() -> a.look().state() == CircuitState.CLOSED);
        }
    }

    private static Nodes nodes(int most, int needed) {
        return new Nodes(config -> config.failureThreshold(1)
                .halfOpenMaxRequests(most)
                .trialsAtOnce(most)
                .successThreshold(needed)
                .trialTimeout(Duration.ofMinutes(5))
                .cooldown(Duration.ofSeconds(1)));
    }

    private static void open(List<Node> nodes) {
        nodes.forEach(Node::planner);
        nodes.get(0).fail();
        nodes.forEach(node -> eventually(() -> node.look().state() == CircuitState.OPEN));
    }

    private static Permit trial(Node node) {
        Permit[] permit = new Permit[1];
        eventually(() -> {
            permit[0] = node.planner().tryAcquire();
            return permit[0] != null;
        });
        return permit[0];
    }
}
