package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rule 16: what a probe does for an open circuit, and what it never does. */
class ProbeTest {
    private static final Duration MOMENT = Duration.ofNanos(1);
    private static final ProbeSettings PROBE =
            new ProbeSettings(Duration.ofSeconds(30), 3, Duration.ofSeconds(5), Duration.ofMinutes(30), 0);

    private final ManualTimeSource time = new ManualTimeSource();
    private final List<Duration> probedAt = new ArrayList<>();
    private final Deque<Runnable> captured = new ArrayDeque<>();
    private final List<StateTransition> transitions = new ArrayList<>();
    private Executor executor = Runnable::run;
    private boolean good = true;
    private CircuitBreakerManager circuits = manager();
    private CircuitBreaker circuit = circuits.getOrCreate("agent");

    @BeforeEach
    void earnTrust() {
        time.advance(Duration.ZERO);
        while (!captured.isEmpty()) {
            captured.remove().run();
        }
        probedAt.clear();
        assertThat(circuit.snapshot().probe()).matches(probe -> probe != null && probe.trusted());
    }

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void noProbeIsMadeBeforeTheEndOfTheCooldown() {
        trip();
        advance(60_000, -1);
        assertThat(probedAt).isEmpty();
        time.advance(MOMENT);
        assertThat(probedAt).containsExactly(seconds(60));
    }

    @Test
    void trialsComeAfterTheNeededGoodProbesInARowSpacedApart() {
        trip();
        advance(70_000, -1);
        assertThat(probedAt).containsExactly(seconds(60), seconds(65));
        assertThat(circuit.tryAcquire()).isNull();
        time.advance(MOMENT);
        assertThat(probedAt).containsExactly(seconds(60), seconds(65), seconds(70));
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        circuit.acquire().succeed();
        assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
        circuit.acquire().succeed();
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void probesEndWhenEnoughWereGood() {
        trip();
        advance(3_600_000, 0);
        assertThat(probedAt).hasSize(3);
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        assertThat(circuit.snapshot().retryAfter()).isZero();
    }

    @Test
    void failedProbeStartsOverAfterTheInterval() {
        trip();
        advance(65_000, 0);
        good = false;
        advance(5_000, 0);
        good = true;
        assertThat(probedAt).containsExactly(seconds(60), seconds(65), seconds(70));
        advance(30_000, -1);
        assertThat(probedAt).hasSize(3);
        advance(10_000, 0);
        assertThat(probedAt.subList(3, 5)).containsExactly(seconds(100), seconds(105));
        assertThat(circuit.tryAcquire()).isNull();
        time.advance(MOMENT);
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    @Test
    void probeThatThrowsHasFailed() {
        circuits.close();
        circuits = CircuitBreakerManager.builder()
                .defaults(policy(PROBE))
                .probe("*", id -> {
                    probedAt.add(Duration.ofNanos(time.ticks()));
                    if (good) {
                        return true;
                    }
                    throw new AssertionError("the probe is broken");
                })
                .randomness(() -> 0)
                .time(time)
                .executor(executor)
                .build();
        circuit = circuits.getOrCreate("agent");
        earnTrust();
        good = false;
        trip();
        advance(90_000, 0);
        assertThat(probedAt).containsExactly(seconds(60), seconds(90));
        assertThat(circuit.tryAcquire()).isNull();
    }

    @Test
    void probeThatCannotBeStartedHasFailedAndTheNextOneIsMade() {
        boolean[] broken = {false};
        restart(task -> {
            if (broken[0]) {
                throw new IllegalStateException("no thread can be made");
            }
            task.run();
        });
        broken[0] = true;
        trip();
        advance(60_000, 0);
        broken[0] = false;
        advance(30_000, -1);
        assertThat(probedAt).isEmpty();
        time.advance(MOMENT);
        assertThat(probedAt).containsExactly(seconds(90));
        advance(10_000, 0);
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    @Test
    void probeThatIsInterruptedHasFailedAndItsThreadStaysInterrupted() {
        circuits.close();
        circuits = CircuitBreakerManager.builder()
                .defaults(policy(PROBE))
                .probe("*", id -> {
                    probedAt.add(Duration.ofNanos(time.ticks()));
                    if (good) {
                        return true;
                    }
                    throw new InterruptedException();
                })
                .randomness(() -> 0)
                .time(time)
                .executor(executor)
                .build();
        circuit = circuits.getOrCreate("agent");
        earnTrust();
        good = false;
        trip();
        advance(60_000, 0);
        assertThat(Thread.interrupted()).isTrue();
        advance(10_000, 0);
        assertThat(circuit.tryAcquire()).isNull();
        advance(20_000, 0);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(probedAt).containsExactly(seconds(60), seconds(90));
    }

    @Test
    void probesLeaveNoTimersBehind() {
        int before = circuits.engine().timers.size();
        trip();
        assertThat(circuits.engine().timers.size()).as("the first probe").isEqualTo(before + 1);
        circuit.override(ManualOverride.of(OverrideAction.PROBE_NOW, "tester"));
        assertThat(circuits.engine().timers.size())
                .as("the hastened one instead")
                .isEqualTo(before + 1);
        time.advance(Duration.ZERO);
        assertThat(circuits.engine().timers.size()).as("the second one").isEqualTo(before + 1);
        advance(10_000, 0);
        assertThat(circuits.engine().timers.size()).as("enough were good").isEqualTo(before);
    }

    @Test
    void probeThatHangsHasFailedAfterTheIntervalAndItsAnswerIsNobodys() {
        restart(captured::add);
        trip();
        advance(60_000, 0);
        assertThat(captured).hasSize(1);
        advance(30_000, -1);
        assertThat(captured).hasSize(1);
        time.advance(MOMENT);
        assertThat(captured)
                .as("no second one with it before the next interval")
                .hasSize(1);
        advance(30_000, 0);
        assertThat(captured).as("a second one would hang as well").hasSize(1);
        Runnable hanging = captured.poll();
        hanging.run();
        hanging.run();
        hanging.run();
        assertThat(circuit.tryAcquire()).isNull();
        advance(30_000, 0);
        assertThat(captured).as("now that the first one is over").hasSize(1);
        captured.poll().run();
        for (int i = 0; i < 2; i++) {
            assertThat(circuit.tryAcquire()).isNull();
            advance(5_000, 0);
            captured.poll().run();
        }
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    @Test
    void refusalWhileProbingSaysNoLessThanASecondAndNoMoreThanTheRealTrial() {
        good = false;
        trip();
        for (int i = 0; i < 1790; i++) {
            advance(1_000, 0);
            Duration wait = circuit.snapshot().retryAfter();
            Duration untilRealTrial = seconds(1800).minusNanos(time.ticks());
            assertThat(wait)
                    .isBetween(seconds(1), untilRealTrial.compareTo(seconds(60)) > 0 ? untilRealTrial : seconds(60));
        }
    }

    @Test
    void refusalWhileProbesAreGoodSaysWhenTheLastNeededOneIsDue() {
        trip();
        advance(62_000, 0);
        assertThat(circuit.snapshot().retryAfter()).isEqualTo(seconds(8));
        advance(4_000, 0);
        assertThat(circuit.snapshot().retryAfter()).isEqualTo(seconds(4));
        advance(3_500, 0);
        assertThat(circuit.snapshot().retryAfter())
                .as("never less than a second")
                .isEqualTo(seconds(1));
    }

    @Test
    void realTrialThatWouldBeDueAsTheCooldownEndsLeavesProbesTheirTime() {
        good = false;
        circuits.putDefaultPolicy(
                policy(new ProbeSettings(PROBE.interval(), PROBE.needed(), PROBE.spacing(), seconds(60), 0)));
        trip();
        advance(60_000 + 45_000, -1);
        assertThat(circuit.tryAcquire()).isNull();
        time.advance(MOMENT);
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    @Test
    void realTrialIsLetInHalfAnHourAfterTheTripAndEveryHalfHourWhateverTheProbesSay() {
        good = false;
        trip();
        for (int round = 1; round <= 3; round++) {
            advanceUntil(seconds(1800L * round).minus(MOMENT));
            assertThat(circuit.tryAcquire()).isNull();
            time.advance(MOMENT);
            Permit trial = circuit.acquire();
            assertThat(circuit.snapshot().lastTransition().cause()).isEqualTo(TransitionCause.REAL_TRIAL);
            assertThat(circuit.tryAcquire()).as("one real trial").isNull();
            trial.fail(FailureKind.ERROR);
            assertThat(circuit.snapshot().lastTransition().cooldown())
                    .as("its failure grows nothing")
                    .isEqualTo(seconds(60));
            assertThat(circuit.snapshot().failedTrials()).isZero();
        }
    }

    @Test
    void realTrialThatSucceedsLeadsToACloseDespiteABrokenProbe() {
        good = false;
        trip();
        advanceUntil(seconds(1800));
        circuit.acquire().succeed();
        circuit.acquire().succeed();
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(circuit.snapshot().probe())
                .as("real calls have shown that it is wrong")
                .matches(probe -> probe != null && !probe.trusted());
    }

    @Test
    void failedTrialAfterGoodProbesGrowsTheCooldownAndProbesBeginAgain() {
        trip();
        advance(70_000, 0);
        circuit.acquire().fail(FailureKind.ERROR);
        assertThat(circuit.snapshot().failedTrials()).isEqualTo(1);
        assertThat(circuit.snapshot().retryAfter()).isEqualTo(seconds(120));
        advance(120_000, 0);
        assertThat(probedAt).hasSize(4).endsWith(seconds(190));
        assertThat(circuit.tryAcquire()).isNull();
        advance(10_000, 0);
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    @Test
    void probeNowHastensTheFirstProbeButNotTheTrials() {
        trip();
        advance(10_000, 0);
        circuit.override(ManualOverride.of(OverrideAction.PROBE_NOW, "tester"));
        time.advance(Duration.ZERO);
        assertThat(probedAt).containsExactly(seconds(10));
        assertThat(circuit.tryAcquire()).isNull();
        advance(10_000, 0);
        assertThat(probedAt).hasSize(3);
        assertThat(circuit.tryAcquire()).isNotNull();
        advance(60_000, 0);
        assertThat(probedAt).hasSize(3);
    }

    @Test
    void probeNowDoesNothingToAHeldCircuit() {
        circuit.override(ManualOverride.of(OverrideAction.HOLD_OPEN, "tester"));
        circuit.override(ManualOverride.of(OverrideAction.PROBE_NOW, "tester"));
        advance(600_000, 0);
        assertThat(probedAt).isEmpty();
        circuit.override(ManualOverride.of(OverrideAction.RELEASE, "tester"));
        time.advance(Duration.ZERO);
        assertThat(probedAt).as("no cooldown is left, so probing starts").hasSize(1);
    }

    @Test
    void probeNeverCloses() {
        trip();
        advance(7_200_000, 0);
        assertThat(transitions).extracting(StateTransition::to).containsExactly(CircuitState.OPEN);
    }

    @Test
    void policyWithoutAProbeLetsTrialsInAtOnce() {
        good = false;
        trip();
        advance(100_000, 0);
        assertThat(circuit.tryAcquire()).isNull();
        circuits.putDefaultPolicy(policy(null));
        assertThat(circuit.tryAcquire()).isNotNull();
        int probes = probedAt.size();
        advance(120_000, 0);
        assertThat(probedAt).hasSize(probes);
    }

    @Test
    void policyWithAProbeStartsProbingAtTheEndOfTheRunningCooldown() {
        circuits.putDefaultPolicy(policy(null));
        trip();
        advance(30_000, 0);
        circuits.putDefaultPolicy(policy(PROBE));
        advance(30_000, 0);
        assertThat(probedAt).containsExactly(seconds(60));
        assertThat(circuit.tryAcquire()).isNull();
        advance(10_000, 0);
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    @Test
    void policyWithAProbeAfterTheCooldownStartsProbingNow() {
        circuits.putDefaultPolicy(policy(null));
        trip();
        advance(100_000, 0);
        circuits.putDefaultPolicy(policy(PROBE));
        time.advance(Duration.ZERO);
        assertThat(probedAt).containsExactly(seconds(100));
        assertThat(circuit.tryAcquire()).isNull();
    }

    @Test
    void probeThatIsTakenAwayAndGivenBackIsMadeOnce() {
        good = false;
        trip();
        advance(65_000, 0);
        for (int i = 0; i < 3; i++) {
            circuits.putDefaultPolicy(policy(null));
            circuits.putDefaultPolicy(policy(PROBE));
        }
        time.advance(Duration.ZERO);
        probedAt.clear();
        advance(120_000, 0);
        assertThat(probedAt).hasSize(4);
    }

    @Test
    void recordedOutcomeDoesNotMoveACircuitThatIsProbed() {
        good = false;
        trip();
        advance(60_000, 0);
        assertThat(circuit.recordSuccess()).isEqualTo(Settlement.IGNORED);
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    private void restart(Executor newExecutor) {
        circuits.close();
        executor = newExecutor;
        circuits = CircuitBreakerManager.builder()
                .defaults(policy(PROBE))
                .probe("*", this::probe)
                .randomness(() -> 0)
                .time(time)
                .executor(executor)
                .build();
        circuit = circuits.getOrCreate("agent");
        earnTrust();
    }

    private CircuitBreakerManager manager() {
        return CircuitBreakerManager.builder()
                .defaults(policy(PROBE))
                .probe("*", this::probe)
                .randomness(() -> 0)
                .time(time)
                .executor(executor)
                .listener(transitions::add)
                .build();
    }

    private boolean probe(CircuitId id) {
        probedAt.add(Duration.ofNanos(time.ticks()));
        return good;
    }

    private static CircuitBreakerConfig policy(@Nullable ProbeSettings probe) {
        return CircuitBreakerConfig.builder()
                .failureThreshold(1)
                .cooldownMultiplier(2)
                .probe(probe)
                .build();
    }

    private void trip() {
        circuit.acquire().fail(FailureKind.ERROR);
    }

    private void advance(long millis, long nanos) {
        time.advance(Duration.ofMillis(millis).plusNanos(nanos));
    }

    private void advanceUntil(Duration tick) {
        time.advance(tick.minusNanos(time.ticks()));
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }
}
