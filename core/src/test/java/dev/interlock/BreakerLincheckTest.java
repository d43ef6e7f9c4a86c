package dev.interlock;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.checks.Rounds;
import java.time.Duration;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever threads do to one circuit at once, there is an order in which one thread could have done it with the same
 * answers. The specification is the circuit itself, used by one thread.
 *
 * <p>Each thread holds one permit at a time.
 */
@Tag("heavy")
@Tag("thorough")
class BreakerLincheckTest {
    /**
     * In milliseconds. Lincheck rewrites classes while it tries them: on a busy machine that takes longer than its
     * own 10 s. The setting is meant for its own tests, and there is no other.
     */
    static final long HUNG_AFTER = 300_000;

    @Test
    void streakAloneIsLinearizable() {
        check(StreakOnly.class);
    }

    @Test
    void rateOfCallsAloneIsLinearizable() {
        check(RateOfCalls.class);
    }

    @Test
    void rateOfTimeAloneIsLinearizable() {
        check(RateOfTime.class);
    }

    @Test
    void waitsAreLinearizable() {
        check(Waits.class);
    }

    @Test
    void observingIsLinearizable() {
        check(Observing.class);
    }

    @Test
    void halfOpenIsLinearizable() {
        check(HalfOpen.class);
    }

    @Test
    void cooldownIsLinearizable() {
        check(Cooldown.class);
    }

    @Test
    void overridesAreLinearizable() {
        check(Overridden.class);
    }

    @Test
    void callsWithinATrialAreLinearizable() {
        check(WithinATrial.class);
    }

    @Test
    void trialsOneByOneAreLinearizable() {
        check(OneByOne.class);
    }

    /**
     * Streak and window are two words, as {@link ClosedEpoch} confesses: a success may end the streak before a failure
     * and enter the window after it. Then neither trips, though in either order one would. The next failure does.
     */
    @Test
    void streakAndRateTogetherAreNotLinearizableAndTheNextFailureTrips() {
        assertThatThrownBy(() -> modelChecking()
                        .iterations(30)
                        .invocationsPerIteration(1000)
                        .threads(2)
                        .actorsPerThread(1)
                        .actorsBefore(0)
                        .actorsAfter(0)
                        .check(Combination.class))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Invalid execution results");
    }

    /** That there is stack left is found out by a recursion, which would be taken for one without end. */
    private static ModelCheckingOptions modelChecking() {
        return new ModelCheckingOptions()
                .invocationTimeout$lincheck(HUNG_AFTER)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses("dev.interlock.Aftermath")
                        .methods("room")
                        .ignore());
    }

    private static void check(Class<?> circuit) {
        check(circuit, 200);
    }

    /** @param invocations in how many orders of threads each scenario is tried */
    static void check(Class<?> circuit, int invocations) {
        assertThatCode(() -> modelChecking()
                        .iterations(Rounds.of(40, 1))
                        .invocationsPerIteration(invocations)
                        .threads(2)
                        .actorsPerThread(2)
                        .actorsBefore(2)
                        .actorsAfter(2)
                        .check(circuit))
                .doesNotThrowAnyException();
        assertThatCode(() -> new StressOptions()
                        .invocationTimeout$lincheck(HUNG_AFTER)
                        .iterations(Rounds.of(40, 1))
                        .invocationsPerIteration(invocations * 5 / 2)
                        .threads(3)
                        .actorsPerThread(3)
                        .actorsBefore(2)
                        .actorsAfter(2)
                        .check(circuit))
                .doesNotThrowAnyException();
    }

    /** A circuit on a clock that stands still, and what threads can do to every one of them. */
    @Param(name = "thread", gen = ThreadIdGen.class)
    public abstract static class Circuit {
        final ManualTimeSource time = new ManualTimeSource();
        final CircuitBreaker circuit;
        private final @Nullable Permit[] permits = new Permit[10];

        Circuit(CircuitBreakerConfig config) {
            circuit = CircuitBreakerManager.builder()
                    .defaults(config)
                    .time(time)
                    .executor(Runnable::run)
                    .randomness(() -> 0)
                    .generation(1)
                    .build()
                    .getOrCreate("agent");
        }

        @Operation
        public boolean begin(@Param(name = "thread") int thread) {
            return keep(thread, circuit.tryAcquire());
        }

        final boolean keep(int thread, @Nullable Permit permit) {
            if (permit != null) {
                permits[thread] = permit;
            }
            return permit != null;
        }

        @Operation
        public String state() {
            return circuit.state().name();
        }

        @Nullable
        Settlement end(int thread, Outcome outcome) {
            Permit permit = permits[thread];
            permits[thread] = null;
            return permit == null ? null : permit.settle(outcome);
        }
    }

    /** Outcomes while closed; an outcome that races with a trip may count in the epoch that it ends, or be late. */
    public abstract static class Closed extends Circuit {
        Closed(CircuitBreakerConfig config) {
            super(config);
        }

        @Operation
        public void succeed(@Param(name = "thread") int thread) {
            end(thread, Outcome.success());
        }

        @Operation
        public void fail(@Param(name = "thread") int thread) {
            end(thread, Outcome.failure(FailureKind.ERROR));
        }

        @Operation
        public void cancel(@Param(name = "thread") int thread) {
            end(thread, Outcome.cancelled());
        }

        @Operation
        public void recordFailure() {
            circuit.recordFailure(FailureKind.ERROR);
        }

        @Operation
        public void recordSuccess() {
            circuit.recordSuccess();
        }

        @Operation
        public long epoch() {
            return circuit.snapshot().epoch();
        }
    }

    /** Three failures in a row trip. */
    public static class StreakOnly extends Closed {
        public StreakOnly() {
            super(CircuitBreakerConfig.builder()
                    .failureThreshold(3)
                    .failureRateThreshold(null)
                    .window(Window.ofCalls(4))
                    .build());
        }
    }

    /** Failures ask for waits of different lengths, until one trips by its kind and all see the longest. */
    public static class Waits extends Circuit {
        public Waits() {
            super(CircuitBreakerConfig.builder()
                    .failureThreshold(null)
                    .failureRateThreshold(null)
                    .cooldown(Duration.ofSeconds(1))
                    .cooldown(FailureKind.AUTHENTICATION, Duration.ofSeconds(2))
                    .build());
        }

        @Operation
        public void overloaded(
                @Param(name = "thread") int thread, @Param(gen = IntGen.class, conf = "3:9") int seconds) {
            end(thread, Outcome.failure(FailureKind.OVERLOADED).retryAfter(Duration.ofSeconds(seconds)));
        }

        @Operation
        public void limited(@Param(name = "thread") int thread) {
            end(thread, Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(Duration.ofSeconds(2)));
        }

        @Operation
        public void locked(@Param(name = "thread") int thread) {
            end(thread, Outcome.failure(FailureKind.AUTHENTICATION));
        }

        @Operation
        public long cooldown() {
            CircuitSnapshot seen = circuit.snapshot();
            return seen.state() == CircuitState.OPEN ? seen.retryAfter().toSeconds() : -1;
        }
    }

    /** Calls pass through a circuit that has tripped, and through a half-open one during its trials. */
    public static class Observing extends Circuit {
        public Observing() {
            super(CircuitBreakerConfig.builder()
                    .failureThreshold(1)
                    .mode(Mode.OBSERVE)
                    .trialsAtOnce(1)
                    .successThreshold(1)
                    .build());
        }

        @Operation
        public @Nullable Settlement succeed(@Param(name = "thread") int thread) {
            return end(thread, Outcome.success());
        }

        @Operation
        public @Nullable Settlement fail(@Param(name = "thread") int thread) {
            return end(thread, Outcome.failure(FailureKind.ERROR));
        }

        @Operation
        public void endCooldown() {
            circuit.override(ManualOverride.of(OverrideAction.PROBE_NOW, "tester"));
        }

        @Operation
        public boolean open() {
            return circuit.override(ManualOverride.of(OverrideAction.OPEN, "tester"));
        }
    }

    /** Half of at least three of the last four calls trip. */
    public static class RateOfCalls extends Closed {
        public RateOfCalls() {
            super(CircuitBreakerConfig.builder()
                    .failureThreshold(null)
                    .minRequestsForRate(3)
                    .window(Window.ofCalls(4))
                    .build());
        }
    }

    /** Half of at least three calls of a minute trip. */
    public static class RateOfTime extends Closed {
        public RateOfTime() {
            super(CircuitBreakerConfig.builder()
                    .failureThreshold(null)
                    .minRequestsForRate(3)
                    .build());
        }
    }

    /** Streak and rate at once, two words, with two failures in both: the third trips, or the fourth call. */
    public static class Combination {
        private final CircuitBreaker circuit;

        public Combination() {
            circuit = CircuitBreakerManager.builder()
                    .defaults(CircuitBreakerConfig.builder()
                            .failureThreshold(3)
                            .failureRateThreshold(0.75)
                            .minRequestsForRate(4)
                            .build())
                    .time(new ManualTimeSource())
                    .executor(Runnable::run)
                    .build()
                    .getOrCreate("agent");
            circuit.recordFailure(FailureKind.ERROR);
            circuit.recordFailure(FailureKind.ERROR);
        }

        /** Whether the failure, the third in a row or among four calls, has tripped. */
        @Operation
        public boolean recordFailure() {
            circuit.recordFailure(FailureKind.ERROR);
            return circuit.state() == CircuitState.OPEN;
        }

        @Operation
        public void recordSuccess() {
            circuit.recordSuccess();
        }
    }

    /**
     * Trials, as many at once as may be out at all. Outcomes without a permit are left out: one is a trial for a moment,
     * acquired and settled, and others can see its place taken.
     */
    public static class HalfOpen extends Circuit {
        public HalfOpen() {
            this(CircuitBreakerConfig.builder()
                    .failureThreshold(1)
                    .halfOpenMaxRequests(2)
                    .successThreshold(2)
                    .build());
        }

        HalfOpen(CircuitBreakerConfig config) {
            super(config);
            circuit.recordFailure(FailureKind.ERROR);
            time.advance(Duration.ofSeconds(60));
        }

        @Operation
        public @Nullable Settlement succeed(@Param(name = "thread") int thread) {
            return end(thread, Outcome.success());
        }

        @Operation
        public @Nullable Settlement cancel(@Param(name = "thread") int thread) {
            return end(thread, Outcome.cancelled());
        }

        @Operation
        public void fail(@Param(name = "thread") int thread) {
            end(thread, Outcome.failure(FailureKind.ERROR));
        }

        @Operation
        public int trialsOut() {
            return circuit.snapshot().trialsOut();
        }
    }

    /** Trials one at a time, with places to spare. */
    public static class OneByOne extends HalfOpen {
        public OneByOne() {
            super(CircuitBreakerConfig.builder()
                    .failureThreshold(1)
                    .halfOpenMaxRequests(3)
                    .trialsAtOnce(1)
                    .successThreshold(2)
                    .build());
        }
    }

    /** Calls within a trial that goes on, at the same time as strangers: one at a time has its place. */
    public static class WithinATrial extends HalfOpen {
        private final Permit outer;

        public WithinATrial() {
            super(CircuitBreakerConfig.builder()
                    .failureThreshold(1)
                    .halfOpenMaxRequests(2)
                    .trialsAtOnce(1)
                    .successThreshold(2)
                    .build());
            outer = circuit.acquire();
        }

        @Operation
        public boolean beginWithin(@Param(name = "thread") int thread) {
            return keep(thread, outer.<@Nullable Permit, RuntimeException>supply(circuit::tryAcquire));
        }
    }

    /**
     * One trial decides, at the end of a cooldown. The clock stands still while calls race: a thread that sleeps between
     * its reading of the clock and what it does is judged by its reading (rule 12), so a moving clock has no one order.
     */
    public static class Cooldown extends HalfOpen {
        public Cooldown() {
            super(CircuitBreakerConfig.builder()
                    .failureThreshold(1)
                    .halfOpenMaxRequests(1)
                    .successThreshold(1)
                    .build());
        }
    }

    /** People step in while calls fail. */
    public static class Overridden extends Circuit {
        public Overridden() {
            super(CircuitBreakerConfig.builder().failureThreshold(2).build());
        }

        @Operation
        public boolean override(@Param(gen = IntGen.class, conf = "0:6") int action) {
            return circuit.override(ManualOverride.of(OverrideAction.values()[action], "tester"));
        }

        @Operation
        public void fail(@Param(name = "thread") int thread) {
            end(thread, Outcome.failure(FailureKind.ERROR));
        }

        @Operation
        public boolean held() {
            return circuit.snapshot().hold() != null;
        }

        @Operation
        public long epoch() {
            return circuit.snapshot().epoch();
        }
    }
}
