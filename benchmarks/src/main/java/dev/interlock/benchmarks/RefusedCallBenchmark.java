package dev.interlock.benchmarks;

import com.alibaba.csp.sentinel.Entry;
import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import dev.interlock.CircuitOpenException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** An open circuit around a function: it throws, and the caller catches. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RefusedCallBenchmark {
    /** An exception with values. */
    @Benchmark
    public Object interlock(Opened.Interlock subject) {
        try {
            return subject.guard.call(subject.work);
        } catch (CircuitOpenException refused) {
            return refused;
        }
    }

    /** An exception with a stack trace, as it does by default. */
    @Benchmark
    public Object resilience4jTime(Opened.Resilience4jTime subject) {
        return resilience4j(subject);
    }

    /** An exception without a stack trace. */
    @Benchmark
    public Object resilience4jNoTrace(Opened.Resilience4jNoTrace subject) {
        return resilience4j(subject);
    }

    /** An exception with a stack trace. */
    @Benchmark
    public Object failsafe(Opened.Failsafe subject) {
        try {
            return subject.executor.get(subject.work);
        } catch (dev.failsafe.CircuitBreakerOpenException refused) {
            return refused;
        }
    }

    /** An exception without a stack trace. */
    @SuppressWarnings("try") // to be entered and left is its use
    @Benchmark
    public Object sentinel(Opened.Sentinel subject) {
        try (Entry entry = SphU.entry(Subjects.Sentinel.RESOURCE)) {
            return subject.work.get();
        } catch (BlockException refused) {
            return refused;
        }
    }

    private static Object resilience4j(Subjects.Resilience4jTime subject) {
        try {
            return subject.decorated.get();
        } catch (CallNotPermittedException refused) {
            return refused;
        }
    }
}
