package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import dev.interlock.Work;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What health costs a good call: the same guard without a monitor, and with one that hears how its calls end. {@code
 * benchmarks/health} compares them, by turns.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HealthBenchmark {
    /** A healthy agent, and one that depends on a healthy model. */
    @State(Scope.Benchmark)
    public static class Agent {
        final Work<Integer, RuntimeException> work = new Subjects.Answer()::get;

        /** Whether a monitor hears the calls. */
        @Param({"false", "true"})
        public boolean monitored;

        private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
        private final Guard single = circuits.guard("planner");
        private final Guard several = circuits.guard("writer").dependingOn("model:kimi-k2");
        private @Nullable HealthMonitor monitor;

        /** Begins to listen, if it is to. */
        @Setup
        public void listen() {
            monitor = monitored ? HealthMonitor.start(circuits, HealthSettings.defaults()) : null;
        }

        /** Ends what was begun. */
        @TearDown
        public void close() {
            if (monitor != null) {
                monitor.close();
            }
            circuits.close();
        }
    }

    /** A call of one circuit. */
    @Benchmark
    public Integer single(Agent agent) {
        return agent.single.call(agent.work);
    }

    /** A call of two. */
    @Benchmark
    public Integer several(Agent agent) {
        return agent.several.call(agent.work);
    }
}
