package dev.interlock.benchmarks;

import dev.interlock.TimeSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it costs to know the time: most of what a breaker that reads the exact clock at each call costs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ClockBenchmark {
    private final TimeSource time = TimeSource.system();

    /** The exact clock. */
    @Benchmark
    public long exact() {
        return time.ticks();
    }

    /** The coarse clock. */
    @Benchmark
    public long coarse() {
        return time.coarseTicks();
    }
}
