package dev.interlock.redis;

import static dev.interlock.redis.Nodes.PLANNER;
import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Hold;
import dev.interlock.OverrideAction;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node that has lost Redis goes on by itself, says so, and comes back. */
@Tag("slow")
class DetachedTest {
    private final RedisServer redis = RedisServer.start();
    private final Proxy proxy = new Proxy(redis.port());
    private final Nodes nodes = new Nodes(config -> config.failureThreshold(5).cooldown(Duration.ofMinutes(1)));
    private Node a;
    private Node b;

    @BeforeEach
    void start() {
        a = nodes.start(proxy.url(), Duration.ofMillis(200));
        b = nodes.start(redis.url(), Duration.ofSeconds(1));
        a.planner();
        b.planner();
    }

    @AfterEach
    void close() {
        nodes.close();
        proxy.close();
        redis.close();
    }

    @Test
    void itSaysSoAndComesBack() {
        assertThat(a.look().detached()).isFalse();
        assertThat(a.manager.isDetached()).isFalse();

        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> a.manager.isDetached() && a.look().detached());
        assertThat(b.manager.isDetached()).isFalse();

        proxy.mode(Proxy.Mode.PASS);
        eventually(() -> !a.manager.isDetached() && !a.look().detached());
    }

    @Test
    void silenceDetachesToo() {
        proxy.mode(Proxy.Mode.SILENT);
        eventually(() -> a.manager.isDetached());

        proxy.mode(Proxy.Mode.PASS);
        eventually(() -> !a.manager.isDetached());
    }

    @Test
    void slowAnswersDetach() {
        proxy.delay(400);
        eventually(() -> a.manager.isDetached());

        proxy.delay(0);
        eventually(() -> !a.manager.isDetached());
    }

    @Test
    void itGoesOnProtectingAndTheOthersRecordBeatsItsOwnMovesOnReturn() {
        detach();
        a.fail(5);
        assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);
        assertThat(b.look().state()).isEqualTo(CircuitState.CLOSED);

        attach();
        eventually(() -> a.look().state() == CircuitState.CLOSED);
        assertThat(a.manager.flush(Duration.ofSeconds(10))).isTrue();
        assertThat(a.look().state()).isEqualTo(CircuitState.CLOSED);
        assertThat(b.look().state()).isEqualTo(CircuitState.CLOSED);
        assertThat(b.transitions).isEmpty();
    }

    @Test
    void whatOthersDidMeanwhileIsAdoptedOnReturn() {
        detach();
        a.fail(5);
        b.order(OverrideAction.HOLD_CLOSED, "ben");
        assertThat(b.manager.flush(Duration.ofSeconds(10))).isTrue();
        assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);

        attach();
        eventually(() -> a.look().hold() != null);
        assertThat(a.look().hold()).isEqualTo(new Hold(null, "ben", null));
        assertThat(a.look().state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void anOverrideGivenMeanwhileIsReplayedOnReturn() {
        detach();
        a.order(OverrideAction.HOLD_OPEN, "anna");
        assertThat(a.manager.stored(PLANNER).toCompletableFuture()).isNotDone();

        attach();
        eventually(() -> b.look().hold() != null);
        assertThat(b.look().state()).isEqualTo(CircuitState.OPEN);
        eventually(() -> a.manager.storeBacklog() == 0);
        assertThat(a.look().hold()).isEqualTo(new Hold(null, "anna", null));
    }

    @Test
    void anOverrideGivenMeanwhileDoesNotUndoALaterOne() {
        detach();
        a.order(OverrideAction.HOLD_OPEN, "anna");
        b.order(OverrideAction.HOLD_CLOSED, "ben");
        assertThat(b.manager.flush(Duration.ofSeconds(10))).isTrue();

        attach();
        eventually(() -> new Hold(null, "ben", null).equals(a.look().hold()));
        assertThat(b.look().hold()).isEqualTo(new Hold(null, "ben", null));
        assertThat(b.look().state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void ofOrdersThatTwoGaveMeanwhileTheLaterStands() {
        try (Proxy other = new Proxy(redis.port())) {
            Node c = nodes.start(other.url(), Duration.ofMillis(200));
            detach();
            other.mode(Proxy.Mode.CUT);
            eventually(() -> c.manager.isDetached());
            b.order(OverrideAction.HOLD_OPEN, "ben");
            passMillis(50);
            a.order(OverrideAction.HOLD_OPEN, "anna");
            passMillis(50);
            c.order(OverrideAction.HOLD_CLOSED, "carl");
            attach();
            eventually(() -> new Hold(null, "anna", null).equals(b.look().hold()));
            other.mode(Proxy.Mode.PASS);

            eventually(() -> !c.manager.isDetached() && c.manager.storeBacklog() == 0);
            eventually(() -> new Hold(null, "carl", null).equals(a.look().hold())
                    && a.look().hold().equals(b.look().hold()));
            assertThat(c.look().hold()).isEqualTo(a.look().hold());
        }
    }

    @Test
    void anOrderGivenMeanwhileStandsOverWhatOthersCircuitsDidByThemselves() {
        try (Proxy other = new Proxy(redis.port())) {
            Node c = nodes.start(other.url(), Duration.ofMillis(200));
            other.mode(Proxy.Mode.CUT);
            eventually(() -> c.manager.isDetached());
            c.order(OverrideAction.HOLD_CLOSED, "carl");
            passMillis(600); // more than clocks may be apart
            b.fail(FailureKind.AUTHENTICATION);
            eventually(() -> a.look().state() == CircuitState.OPEN);
            other.mode(Proxy.Mode.PASS);

            eventually(() -> !c.manager.isDetached() && c.manager.storeBacklog() == 0);
            assertThat(a.manager.flush(Duration.ofSeconds(10)) && b.manager.flush(Duration.ofSeconds(10)))
                    .isTrue();
            eventually(() -> new Hold(null, "carl", null).equals(a.look().hold())
                    && new Hold(null, "carl", null).equals(b.look().hold()));
            assertThat(c.look().hold()).isEqualTo(new Hold(null, "carl", null));
        }
    }

    @Test
    void aRedisThatWasEmptiedIsFilledAgain() {
        b.order(OverrideAction.HOLD_OPEN, "ben");
        eventually(() -> a.look().hold() != null);
        long before = a.look().epoch();
        redis.run(commands -> commands.flushall());

        eventually(() -> redis.run(commands -> commands.exists(key())) == 1);
        Node late = nodes.start(redis.url());
        assertThat(late.look().hold()).isEqualTo(new Hold(null, "ben", null));
        eventually(() -> a.look().epoch() > before);
        assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);
        assertThat(b.look().state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void aProcessThatBeginsAfterRedisForgotIsTakenForNoOther() {
        redis.run(commands -> commands.flushall());
        String generation = new Keys(nodes.prefix()).generation();
        eventually(() -> {
            String known = redis.run(commands -> commands.get(generation));
            return known != null && Long.parseLong(known) >= b.manager.generation();
        });

        Node late = nodes.start(redis.url());
        assertThat(late.manager.generation()).isGreaterThan(b.manager.generation());
    }

    @Test
    void aRedisThatStartsEmptyIsFilledAgainAndNothingCloses() {
        a.fail(5);
        eventually(() -> b.look().state() == CircuitState.OPEN);
        redis.kill();
        eventually(() -> a.manager.isDetached() && b.manager.isDetached());
        redis.restart();

        eventually(() -> !a.manager.isDetached() && !b.manager.isDetached());
        eventually(() -> redis.run(commands -> commands.exists(key())) == 1);
        assertThat(a.look().state()).isEqualTo(CircuitState.OPEN);
        assertThat(b.look().state()).isEqualTo(CircuitState.OPEN);
    }

    private static void passMillis(long millis) {
        Instant end = Instant.now().plusMillis(millis);
        eventually(() -> Instant.now().isAfter(end));
    }

    private String key() {
        return new Keys(nodes.prefix()).record("default", "planner");
    }

    private void detach() {
        proxy.mode(Proxy.Mode.CUT);
        eventually(() -> a.manager.isDetached());
    }

    private void attach() {
        proxy.mode(Proxy.Mode.PASS);
        eventually(() -> !a.manager.isDetached());
    }
}
