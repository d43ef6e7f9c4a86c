package dev.interlock.benchmarks;

import com.alibaba.csp.sentinel.Entry;
import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.Tracer;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import dev.interlock.Work;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A circuit that stays closed around a function that throws at each 16th call; the caller catches. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FailingCallBenchmark {
    /** Throws at each 16th call. */
    @State(Scope.Thread)
    public static class Flaky implements Supplier<Integer> {
        private final Integer answer = 42;
        private int turn;

        @Override
        public Integer get() {
            if ((++turn & 15) == 0) {
                throw Subjects.FAILURE;
            }
            return answer;
        }
    }

    /** Around the flaky function. */
    @State(Scope.Benchmark)
    public static class Interlock extends Subjects.Interlock {
        final Work<Integer, RuntimeException> flaky = new Flaky()::get;
    }

    /** Around the flaky function. */
    @State(Scope.Benchmark)
    public static class Resilience4jTime extends Subjects.Resilience4jTime {
        final Supplier<Integer> flaky = circuit.decorateSupplier(new Flaky());
    }

    /** Around the flaky function. */
    @State(Scope.Benchmark)
    public static class Resilience4jCount extends Subjects.Resilience4jCount {
        final Supplier<Integer> flaky = circuit.decorateSupplier(new Flaky());
    }

    /** Around the flaky function. */
    @State(Scope.Benchmark)
    public static class Failsafe extends Subjects.Failsafe {
        final dev.failsafe.function.CheckedSupplier<Integer> flaky = new Flaky()::get;
    }

    /** The function alone. */
    @Benchmark
    public Object bare(Flaky flaky) {
        return caught(flaky);
    }

    /** A guard that was made once. */
    @Benchmark
    public Object interlock(Interlock subject) {
        try {
            return subject.guard.call(subject.flaky);
        } catch (RuntimeException failed) {
            return failed;
        }
    }

    /** A supplier that was decorated once. */
    @Benchmark
    public Object resilience4jTime(Resilience4jTime subject) {
        return caught(subject.flaky);
    }

    /** The same with a window of calls. */
    @Benchmark
    public Object resilience4jCount(Resilience4jCount subject) {
        return caught(subject.flaky);
    }

    /** An executor that was made once. */
    @Benchmark
    public Object failsafe(Failsafe subject) {
        try {
            return subject.executor.get(subject.flaky);
        } catch (RuntimeException failed) {
            return failed;
        }
    }

    /** An entry that is given the exception. */
    @Benchmark
    public Object sentinel(Subjects.Sentinel subject, Flaky flaky) throws BlockException {
        Entry entry = SphU.entry(Subjects.Sentinel.RESOURCE);
        try {
            return flaky.get();
        } catch (RuntimeException failed) {
            Tracer.traceEntry(failed, entry);
            return failed;
        } finally {
            entry.exit();
        }
    }

    private static Object caught(Supplier<Integer> work) {
        try {
            return work.get();
        } catch (RuntimeException failed) {
            return failed;
        }
    }
}
