package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule 12: a step of the wall clock by an hour, to either side, changes no decision in any state. */
class WallClockTest {
    private static final Duration COOLDOWN = Duration.ofSeconds(60);
    private static final Duration MOMENT = Duration.ofNanos(1);

    private final ManualTimeSource time = new ManualTimeSource();
    private @Nullable CircuitBreakerManager circuits;

    @AfterEach
    void close() {
        if (circuits != null) {
            circuits.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void closedKeepsStreakAndWindow(Duration step) {
        CircuitBreaker circuit = circuit(policy -> policy.failureThreshold(3));
        fail(circuit);
        fail(circuit);
        stepping(circuit, step);
        assertThat(circuit.snapshot().figures()).isEqualTo(new Figures(2, 2, 0, 0, 2));
        time.advance(Duration.ofSeconds(59));
        assertThat(circuit.snapshot().figures().calls()).isEqualTo(2);
        fail(circuit);
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void windowEndsByTicks(Duration step) {
        CircuitBreaker circuit = circuit(policy -> policy.failureThreshold(null));
        fail(circuit);
        stepping(circuit, step);
        time.advance(Duration.ofSeconds(66).plus(MOMENT));
        assertThat(circuit.snapshot().figures().calls()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void slowCallIsMeasuredByTicks(Duration step) {
        CircuitBreaker circuit = circuit(
                policy -> policy.slowCallDuration(Duration.ofSeconds(10)).slowCallRateThreshold(1.0));
        Permit fast = circuit.acquire();
        time.stepWallClock(step);
        fast.succeed();
        Permit slow = circuit.acquire();
        time.advance(Duration.ofSeconds(10));
        time.stepWallClock(step);
        slow.succeed();
        assertThat(circuit.snapshot().figures().slow()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void openCoolsDownByTicks(Duration step) {
        CircuitBreaker circuit = circuit(policy -> policy.failureThreshold(1));
        fail(circuit);
        time.advance(Duration.ofSeconds(20));
        stepping(circuit, step);
        assertThat(circuit.snapshot().retryAfter()).isEqualTo(Duration.ofSeconds(40));
        time.advance(Duration.ofSeconds(40).minus(MOMENT));
        assertThat(circuit.tryAcquire()).isNull();
        time.advance(MOMENT);
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void openThatHasCooledStaysReadyForATrial(Duration step) {
        CircuitBreaker circuit = circuit(policy -> policy.failureThreshold(1));
        fail(circuit);
        time.advance(COOLDOWN);
        stepping(circuit, step);
        assertThat(circuit.tryAcquire()).isNotNull();
        assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void leaseOfATrialEndsByTicks(Duration step) {
        CircuitBreaker circuit = circuit(policy -> policy.failureThreshold(1)
                .halfOpenMaxRequests(1)
                .successThreshold(1)
                .trialTimeout(Duration.ofSeconds(100)));
        fail(circuit);
        time.advance(COOLDOWN);
        Permit trial = circuit.acquire();
        stepping(circuit, step);
        assertThat(circuit.snapshot().trialsOut()).isEqualTo(1);
        time.advance(Duration.ofSeconds(100).minus(MOMENT));
        stepping(circuit, step);
        assertThat(circuit.tryAcquire()).isNull();
        time.advance(MOMENT);
        assertThat(circuit.tryAcquire()).isNotNull();
        assertThat(trial.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void heldOpenWithoutEndStaysSo(Duration step) {
        CircuitBreaker circuit = circuit(policy -> policy);
        circuit.override(ManualOverride.of(OverrideAction.HOLD_OPEN, "tester"));
        stepping(circuit, step);
        assertThat(circuit.snapshot().retryAfter()).isEqualTo(COOLDOWN);
        time.advance(Duration.ofHours(3));
        assertThat(circuit.tryAcquire()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void holdsEndByTicks(Duration step) {
        for (OverrideAction action : new OverrideAction[] {OverrideAction.HOLD_OPEN, OverrideAction.HOLD_CLOSED}) {
            CircuitBreaker circuit = circuit(policy -> policy.failureThreshold(1));
            circuit.override(
                    ManualOverride.of(action, "tester").until(time.wallTime().plusSeconds(1800)));
            stepping(circuit, step);
            time.advance(Duration.ofSeconds(1800).minus(MOMENT));
            stepping(circuit, step);
            assertThat(circuit.snapshot().hold()).isNotNull();
            time.advance(MOMENT);
            assertThat(circuit.snapshot().hold()).isNull();
            assertThat(circuit.snapshot().lastTransition().cause()).isEqualTo(TransitionCause.HOLD_ENDED);
            assertThat(circuit.tryAcquire()).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void probesComeByTicks(Duration step) {
        int[] probes = {-1};
        circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder()
                        .failureThreshold(1)
                        .probe(new ProbeSettings(
                                Duration.ofSeconds(30), 3, Duration.ofSeconds(5), Duration.ofMinutes(30), 0))
                        .build())
                .randomness(() -> 0)
                .probe("*", id -> ++probes[0] != 1)
                .time(time)
                .executor(Runnable::run)
                .build();
        CircuitBreaker circuit = circuits.getOrCreate("agent");
        time.advance(Duration.ZERO);
        assertThat(probes[0]).as("trusted").isEqualTo(0);
        fail(circuit);
        stepping(circuit, step);
        time.advance(COOLDOWN);
        assertThat(probes[0]).isEqualTo(1);
        stepping(circuit, step);
        time.advance(Duration.ofSeconds(30).minus(MOMENT));
        assertThat(probes[0]).isEqualTo(1);
        time.advance(MOMENT);
        assertThat(probes[0]).isEqualTo(2);
        stepping(circuit, step);
        time.advance(Duration.ofSeconds(10).minus(MOMENT));
        assertThat(circuit.tryAcquire()).isNull();
        time.advance(MOMENT);
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    /** Steps the wall clock there, and looks that nothing has changed. */
    private void stepping(CircuitBreaker circuit, Duration step) {
        CircuitSnapshot before = circuit.snapshot();
        time.stepWallClock(step);
        time.advance(Duration.ZERO);
        CircuitSnapshot after = circuit.snapshot();
        assertThat(after)
                .usingRecursiveComparison()
                .ignoringFields("lastFailureAt", "probe.nextAt", "probe.realTrialAt")
                .isEqualTo(before);
    }

    private CircuitBreaker circuit(UnaryOperator<ConfigBuilder> settings) {
        close();
        circuits = CircuitBreakerManager.builder()
                .defaults(settings.apply(CircuitBreakerConfig.builder()).build())
                .time(time)
                .executor(Runnable::run)
                .build();
        return circuits.getOrCreate("agent");
    }

    private static void fail(CircuitBreaker circuit) {
        circuit.acquire().fail(FailureKind.ERROR);
    }
}
