package dev.interlock.benchmarks;

import com.alibaba.csp.sentinel.slots.block.RuleConstant;
import com.alibaba.csp.sentinel.slots.block.degrade.DegradeRule;
import com.alibaba.csp.sentinel.slots.block.degrade.DegradeRuleManager;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import dev.interlock.Work;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * One circuit of each library, with settings as like as the libraries allow: open at half of at least 10 calls within
 * 60 s, and stay open for an hour. A benchmark only makes those that its methods name.
 */
public final class Subjects {
    static final int WINDOW_SECONDS = 60;
    static final int WINDOW_CALLS = 100;
    static final int MINIMUM = 10;
    static final Duration COOLDOWN = Duration.ofHours(1);

    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack
    static final RuntimeException FAILURE = new RuntimeException("A model that is down", null, false, false) {
        private static final long serialVersionUID = 1;
    };

    private Subjects() {}

    /** The default settings, with a long cooldown. */
    @State(Scope.Benchmark)
    public static class Interlock {
        final Guard guard;
        final dev.interlock.CircuitBreaker circuit;
        final Work<Integer, RuntimeException> work = new Answer()::get;

        /** Closed and idle. */
        public Interlock() {
            this(CircuitBreakerConfig.defaults());
        }

        Interlock(CircuitBreakerConfig config) {
            CircuitBreakerManager circuits = CircuitBreakerManager.create(
                    config.toBuilder().cooldown(COOLDOWN).cooldownMax(COOLDOWN).build());
            guard = circuits.guard("planner");
            circuit = circuits.getOrCreate("planner");
        }
    }

    /** The recommended settings: a window of the last 20 calls. */
    @State(Scope.Benchmark)
    public static class InterlockCount extends Interlock {
        /** Closed and idle. */
        public InterlockCount() {
            super(CircuitBreakerConfig.recommended());
        }
    }

    /** Resilience4j with a window of 60 s. */
    @State(Scope.Benchmark)
    public static class Resilience4jTime {
        final CircuitBreaker circuit;
        final Supplier<Integer> decorated;

        /** Closed and idle. */
        public Resilience4jTime() {
            this(SlidingWindowType.TIME_BASED, WINDOW_SECONDS, SlidingWindowSynchronizationStrategy.SYNCHRONIZED, true);
        }

        Resilience4jTime(
                SlidingWindowType type, int size, SlidingWindowSynchronizationStrategy strategy, boolean stackTrace) {
            circuit = CircuitBreaker.of("planner", config(type, size, strategy, stackTrace));
            decorated = circuit.decorateSupplier(new Answer());
        }

        static io.github.resilience4j.circuitbreaker.CircuitBreakerConfig config(
                SlidingWindowType type, int size, SlidingWindowSynchronizationStrategy strategy, boolean stackTrace) {
            return io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.custom()
                    .slidingWindow(size, MINIMUM, type, strategy)
                    .waitDurationInOpenState(COOLDOWN)
                    .writableStackTraceEnabled(stackTrace)
                    .build();
        }
    }

    /** Resilience4j with a window of 100 calls. */
    @State(Scope.Benchmark)
    public static class Resilience4jCount extends Resilience4jTime {
        /** Closed and idle. */
        public Resilience4jCount() {
            super(SlidingWindowType.COUNT_BASED, WINDOW_CALLS, SlidingWindowSynchronizationStrategy.SYNCHRONIZED, true);
        }
    }

    /** Resilience4j with a window of 60 s that takes no lock. */
    @State(Scope.Benchmark)
    public static class Resilience4jLockFree extends Resilience4jTime {
        /** Closed and idle. */
        public Resilience4jLockFree() {
            super(SlidingWindowType.TIME_BASED, WINDOW_SECONDS, SlidingWindowSynchronizationStrategy.LOCK_FREE, true);
        }
    }

    /** Resilience4j with a window of 60 s, set to leave stack traces out of its refusals. */
    @State(Scope.Benchmark)
    public static class Resilience4jNoTrace extends Resilience4jTime {
        /** Closed and idle. */
        public Resilience4jNoTrace() {
            super(
                    SlidingWindowType.TIME_BASED,
                    WINDOW_SECONDS,
                    SlidingWindowSynchronizationStrategy.SYNCHRONIZED,
                    false);
        }
    }

    /** Failsafe with a rate over 60 s. */
    @State(Scope.Benchmark)
    public static class Failsafe {
        final dev.failsafe.CircuitBreaker<Integer> circuit = circuit();
        final dev.failsafe.FailsafeExecutor<Integer> executor = dev.failsafe.Failsafe.with(circuit);
        final dev.failsafe.function.CheckedSupplier<Integer> work = new Answer()::get;

        static dev.failsafe.CircuitBreaker<Integer> circuit() {
            return dev.failsafe.CircuitBreaker.<Integer>builder()
                    .withFailureRateThreshold(50, MINIMUM, Duration.ofSeconds(WINDOW_SECONDS))
                    .withDelay(COOLDOWN)
                    .build();
        }
    }

    /** Sentinel with a rule on the share of exceptions within 60 s. */
    @State(Scope.Benchmark)
    public static class Sentinel {
        static final String RESOURCE = "planner";
        final Supplier<Integer> work = new Answer();

        /** Closed and idle. */
        public Sentinel() {
            System.setProperty("csp.sentinel.log.dir", System.getProperty("java.io.tmpdir") + "/sentinel");
            DegradeRuleManager.loadRules(List.of(new DegradeRule(RESOURCE)
                    .setGrade(RuleConstant.DEGRADE_GRADE_EXCEPTION_RATIO)
                    .setCount(0.5)
                    .setMinRequestAmount(MINIMUM)
                    .setStatIntervalMs(WINDOW_SECONDS * 1_000)
                    .setTimeWindow((int) COOLDOWN.toSeconds())));
        }
    }

    /** No guard at all. */
    @State(Scope.Benchmark)
    public static class Bare {
        final Supplier<Integer> work = new Answer();
    }

    /** The call that is guarded. */
    static final class Answer implements Supplier<Integer> {
        private final Integer answer = 42;

        @Override
        public Integer get() {
            return answer;
        }
    }
}
