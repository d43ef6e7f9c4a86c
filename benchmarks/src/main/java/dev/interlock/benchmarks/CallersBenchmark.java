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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What it costs to note who calls: the same call through a circuit that one failing caller may trip, which needs no names,
 * and through one for which it takes two. {@code benchmarks/callers} compares them, by turns.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CallersBenchmark {
    /** A healthy model, called by one agent. */
    @State(Scope.Benchmark)
    public static class Model {
        final Work<Integer, RuntimeException> work = new Subjects.Answer()::get;

        /** How many callers must fail for a trip. */
        @Param({"1", "2"})
        public int minCallers;

        @SuppressWarnings("NullAway.Init") // create() is called before all else
        private Guard guard;

        /** Closed. */
        @Setup
        public void create() {
            CircuitBreakerConfig config = CircuitBreakerConfig.defaults().toBuilder()
                    .minCallers(minCallers)
                    .build();
            guard = CircuitBreakerManager.create(config).guard("model:kimi-k2");
        }
    }

    /** A guarded call. */
    @Benchmark
    public Integer single(Model model) {
        return model.guard.call(model.work);
    }
}
