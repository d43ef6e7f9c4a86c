package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Figures;
import dev.interlock.OverrideAction;
import dev.interlock.TransitionCause;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Closed circuits are judged by the figures of all nodes. */
class SharedFiguresTest {
    /** However busy the machine is, nobody is detached. */
    private static final Duration PATIENT = Duration.ofSeconds(30);

    /** A streak of all opens only if none of them had a success for so long, by Redis' clock. */
    private static final long QUIET_MICROS = 200_000;

    private static RedisServer redis;

    private final Nodes nodes = new Nodes(config -> config.failureThreshold(5)
            .failureRateThreshold(0.5)
            .minRequestsForRate(10)
            .cooldown(Duration.ofMinutes(1)));
    private final Node a = nodes.start(redis.url(), PATIENT);
    private final Node b = nodes.start(redis.url(), PATIENT);

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    @Test
    void aTripOnOneRejectsOnTheOther() {
        b.planner();
        a.fail(5);

        eventually(() -> b.planner().tryAcquire() == null);
        assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);
        assertThat(a.transitions.get(0).cause()).isEqualTo(TransitionCause.FAILURE_STREAK);
        assertThat(a.transitions.get(0).kind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(b.transitions).singleElement().satisfies(transition -> {
            assertThat(transition.cause()).isEqualTo(TransitionCause.ADOPTED);
            assertThat(transition.to()).isEqualTo(CircuitState.OPEN);
        });
    }

    @Test
    void failuresOfSeveralNodesMakeOneStreak() {
        a.fail(3);
        b.fail(2);

        eventually(() -> a.look().state() == CircuitState.OPEN && b.look().state() == CircuitState.OPEN);
        Node tripped = a.transitions.get(0).cause() == TransitionCause.FAILURE_STREAK ? a : b;
        assertThat(Objects.requireNonNull(tripped.transitions.get(0).figures())).isEqualTo(new Figures(5, 5, 0, 0, 5));
    }

    /**
     * Rounds of good calls of one and bad ones of the other. On a busy machine a round may take so long that there is no
     * success for a while: then the circuit opens with right, and the round does not count.
     */
    @Test
    void oneBadNodeAmongGoodOnesOpensNothing() {
        int inTime = 0;
        for (int round = 0; inTime < 10; round++) {
            assertThat(round).as("rounds, of which %s were in time", inTime).isLessThan(200);
            long before = lastSuccess();
            for (int i = 0; i < 20; i++) {
                b.succeed();
            }
            eventually(() -> lastSuccess() > before || isOpen());
            if (!isOpen()) {
                int failures = merged("failures");
                a.fail(6);
                eventually(() -> merged("failures") >= failures + 6 || isOpen());
            }
            if (isOpen()) {
                assertThat(openedAt() - before).isGreaterThanOrEqualTo(QUIET_MICROS);
                reset();
            } else {
                inTime++;
            }
        }
        assertThat(a.look().figures().consecutiveFailures()).isGreaterThanOrEqualTo(6);
    }

    /** When all had a success last, in microseconds of the clock that Redis and this process share; 0 for never. */
    private long lastSuccess() {
        String good = redis.run(commands -> commands.hget(new Keys(nodes.prefix()).live("default", "planner"), "good"));
        return good == null ? 0 : Long.parseLong(good);
    }

    private boolean isOpen() {
        return a.look().state() == CircuitState.OPEN || b.look().state() == CircuitState.OPEN;
    }

    private long openedAt() {
        return Stream.concat(a.transitions.stream(), b.transitions.stream())
                .filter(moved -> moved.cause() == TransitionCause.FAILURE_STREAK)
                .mapToLong(moved -> ChronoUnit.MICROS.between(Instant.EPOCH, moved.at()))
                .max()
                .orElseThrow();
    }

    /** Once both have heard that it opened: a trip that is not stored yet would win over the reset. */
    private void reset() {
        eventually(() -> a.look().state() == CircuitState.OPEN && b.look().state() == CircuitState.OPEN);
        b.order(OverrideAction.RESET, "anna");
        eventually(() -> !isOpen());
        assertThat(a.manager.flush(PATIENT)).isTrue();
        assertThat(b.manager.flush(PATIENT)).isTrue();
    }

    @Test
    void theRateOfAllCounts() {
        for (int i = 0; i < 4; i++) {
            a.succeed();
            a.fail();
        }
        assertThat(a.look().state()).isEqualTo(CircuitState.CLOSED);
        b.succeed();
        b.fail();

        eventually(() -> b.look().state() == CircuitState.OPEN && a.look().state() == CircuitState.OPEN);
    }

    @Test
    void aKindThatTripsTripsAtOnce() {
        b.planner();
        a.fail(FailureKind.AUTHENTICATION);

        assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);
        eventually(() -> b.look().state() == CircuitState.OPEN);
    }

    @Test
    void closingStartsACleanWindowForAll() {
        a.fail(5);
        eventually(() -> b.look().state() == CircuitState.OPEN);
        b.order(OverrideAction.CLOSE, "anna");
        eventually(() -> a.look().state() == CircuitState.CLOSED);
        a.fail(4);
        eventually(() -> merged("failures") == 4);
        assertThat(a.look().state()).isEqualTo(CircuitState.CLOSED);
        b.fail();

        eventually(() -> a.look().state() == CircuitState.OPEN && b.look().state() == CircuitState.OPEN);
    }

    @Test
    void aSecondNodeResetsNothing() {
        a.fail(5);
        eventually(() -> a.look().state() == CircuitState.OPEN);
        assertThat(a.manager.flush(Duration.ofSeconds(10))).isTrue();
        Node late = nodes.start(redis.url(), PATIENT);

        assertThat(late.look().state()).isEqualTo(CircuitState.OPEN);
        assertThat(late.planner().tryAcquire()).isNull();
        assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void ordersReachAllAndAreHeld() {
        b.planner();
        a.order(OverrideAction.HOLD_OPEN, "anna");

        eventually(() -> b.look().hold() != null);
        assertThat(b.planner().tryAcquire()).isNull();
        b.order(OverrideAction.HOLD_CLOSED, "ben");
        eventually(() -> a.look().state() == CircuitState.CLOSED);
        a.fail(50);
        assertThat(a.look().state()).isEqualTo(CircuitState.CLOSED);
    }

    /** What Redis has counted in the closed epoch. */
    private static int sum(java.util.Map<String, String> live, int part) {
        return live.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("b"))
                .mapToInt(entry -> Integer.parseInt(entry.getValue().split(" ")[part]))
                .sum();
    }

    private int merged(String what) {
        String key = new Keys(nodes.prefix()).live("default", "planner");
        return sum(redis.run(commands -> commands.hgetall(key)), what.equals("calls") ? 0 : 1);
    }
}
