package dev.interlock.benchmarks;

import com.alibaba.csp.sentinel.SphO;
import dev.interlock.Permit;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** An open circuit that answers with a value. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RefusedPermitBenchmark {
    /** No permit. */
    @Benchmark
    public @Nullable Permit interlock(Opened.Interlock subject) {
        return subject.circuit.tryAcquire();
    }

    /** No permission. */
    @Benchmark
    public boolean resilience4jTime(Opened.Resilience4jTime subject) {
        return subject.circuit.tryAcquirePermission();
    }

    /** No permit. */
    @Benchmark
    public boolean failsafe(Opened.Failsafe subject) {
        return subject.circuit.tryAcquirePermit();
    }

    /** No entry. */
    @Benchmark
    public boolean sentinel(Opened.Sentinel subject) {
        return SphO.entry(Subjects.Sentinel.RESOURCE);
    }
}
