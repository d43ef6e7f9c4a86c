package dev.interlock.benchmarks;

import com.alibaba.csp.sentinel.Entry;
import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** A healthy circuit around a function that answers at once. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ClosedCallBenchmark {
    /** The function alone: the floor under the others. */
    @Benchmark
    public Integer bare(Subjects.Bare subject) {
        return subject.work.get();
    }

    /** A guard that was made once. */
    @Benchmark
    public Integer interlock(Subjects.Interlock subject) {
        return subject.guard.call(subject.work);
    }

    /** The same with a window of calls. */
    @Benchmark
    public Integer interlockCount(Subjects.InterlockCount subject) {
        return subject.guard.call(subject.work);
    }

    /** A supplier that was decorated once. */
    @Benchmark
    public Integer resilience4jTime(Subjects.Resilience4jTime subject) {
        return subject.decorated.get();
    }

    /** The same with a window of calls. */
    @Benchmark
    public Integer resilience4jCount(Subjects.Resilience4jCount subject) {
        return subject.decorated.get();
    }

    /** The same without a lock. */
    @Benchmark
    public Integer resilience4jLockFree(Subjects.Resilience4jLockFree subject) {
        return subject.decorated.get();
    }

    /** An executor that was made once. */
    @Benchmark
    public Integer failsafe(Subjects.Failsafe subject) {
        return subject.executor.get(subject.work);
    }

    /** Try, with an entry as resource. */
    @SuppressWarnings("try") // to be entered and left is its use
    @Benchmark
    public Integer sentinel(Subjects.Sentinel subject) throws BlockException {
        try (Entry entry = SphU.entry(Subjects.Sentinel.RESOURCE)) {
            return subject.work.get();
        }
    }
}
