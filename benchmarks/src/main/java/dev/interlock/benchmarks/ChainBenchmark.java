package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import dev.interlock.Work;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What it costs to know which calls are within which: compare {@code single} and {@code several} with the same methods at
 * a commit that knows no chains. {@code benchmarks/chains BEFORE} does so, by turns.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChainBenchmark {
    /** Healthy circuits. */
    @State(Scope.Benchmark)
    public static class Guards {
        final Work<Integer, RuntimeException> work = new Subjects.Answer()::get;
        final Guard alone;
        final Guard several;
        final Guard model;
        final Work<Integer, RuntimeException> nested;

        /** All closed. */
        public Guards() {
            CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
            alone = circuits.guard("alone");
            several = circuits.guard("planner").dependingOn("model:kimi-k2");
            model = circuits.guard("model:kimi-k2");
            Guard inner = circuits.guard("searcher").dependingOn("model:kimi-k2");
            nested = () -> inner.call(work);
        }
    }

    /** A guard of one circuit that no guard of several names. */
    @Benchmark
    public Integer single(Guards guards) {
        return guards.alone.call(guards.work);
    }

    /** A guard of an agent and its model. */
    @Benchmark
    public Integer several(Guards guards) {
        return guards.several.call(guards.work);
    }

    /** A guard of an agent and its model within another. */
    @Benchmark
    public Integer severalWithinSeveral(Guards guards) {
        return guards.several.call(guards.nested);
    }

    /** A guard of one circuit that calls of other guards have named: both are made by turns. */
    @Benchmark
    public Integer severalThenSingle(Guards guards) {
        return guards.several.call(guards.work) + guards.model.call(guards.work);
    }
}
