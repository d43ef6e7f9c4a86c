package dev.interlock.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a call costs that nothing guards: the floor under every other figure. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BareCallBenchmark {

    private int answer = 42;

    /** A call without a guard. */
    @Benchmark
    public int call() {
        return answer;
    }

    /** The clock read that every guard with a time window pays. */
    @Benchmark
    public long clock() {
        return System.nanoTime();
    }
}
