package dev.interlock.benchmarks;

import com.alibaba.csp.sentinel.Entry;
import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import dev.interlock.Settlement;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** A healthy circuit: ask for permission, then report a success. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ClosedPermitBenchmark {
    /** A permit that is settled. */
    @Benchmark
    public Settlement interlock(Subjects.Interlock subject) {
        return subject.circuit.acquire().succeed();
    }

    /** The same with a window of calls. */
    @Benchmark
    public Settlement interlockCount(Subjects.InterlockCount subject) {
        return subject.circuit.acquire().succeed();
    }

    /** As its decorators do it: permission, clock, clock, success. */
    @Benchmark
    public boolean resilience4jTime(Subjects.Resilience4jTime subject) {
        return resilience4j(subject);
    }

    /** The same with a window of calls. */
    @Benchmark
    public boolean resilience4jCount(Subjects.Resilience4jCount subject) {
        return resilience4j(subject);
    }

    /** The same without a lock. */
    @Benchmark
    public boolean resilience4jLockFree(Subjects.Resilience4jLockFree subject) {
        return resilience4j(subject);
    }

    /** Its execution-free form. */
    @Benchmark
    public boolean failsafe(Subjects.Failsafe subject) {
        boolean admitted = subject.circuit.tryAcquirePermit();
        subject.circuit.recordSuccess();
        return admitted;
    }

    /** An entry that is left. */
    @Benchmark
    public Entry sentinel(Subjects.Sentinel subject) throws BlockException {
        Entry entry = SphU.entry(Subjects.Sentinel.RESOURCE);
        entry.exit();
        return entry;
    }

    private static boolean resilience4j(Subjects.Resilience4jTime subject) {
        boolean admitted = subject.circuit.tryAcquirePermission();
        long start = subject.circuit.getCurrentTimestamp();
        long took = subject.circuit.getCurrentTimestamp() - start;
        subject.circuit.onSuccess(took, subject.circuit.getTimestampUnit());
        return admitted;
    }
}
