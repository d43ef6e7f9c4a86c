package dev.interlock.benchmarks;

import com.alibaba.csp.sentinel.Entry;
import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.Tracer;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import dev.interlock.FailureKind;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A circuit with one failure in 16 calls, which stays closed: ask for permission, then report how it ended. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FailingPermitBenchmark {
    /** Whose turn it is to fail. */
    @State(Scope.Thread)
    public static class Turn {
        private int turn;

        boolean fails() {
            return (++turn & 15) == 0;
        }
    }

    /** A permit that is settled. */
    @Benchmark
    public Settlement interlock(Subjects.Interlock subject, Turn turn) {
        Permit permit = subject.circuit.acquire();
        return turn.fails() ? permit.fail(FailureKind.SERVER_ERROR) : permit.succeed();
    }

    /** As its decorators do it. */
    @Benchmark
    public boolean resilience4jTime(Subjects.Resilience4jTime subject, Turn turn) {
        return resilience4j(subject.circuit, turn);
    }

    /** The same with a window of calls. */
    @Benchmark
    public boolean resilience4jCount(Subjects.Resilience4jCount subject, Turn turn) {
        return resilience4j(subject.circuit, turn);
    }

    /** Its execution-free form. */
    @Benchmark
    public boolean failsafe(Subjects.Failsafe subject, Turn turn) {
        boolean admitted = subject.circuit.tryAcquirePermit();
        if (turn.fails()) {
            subject.circuit.recordException(Subjects.FAILURE);
        } else {
            subject.circuit.recordSuccess();
        }
        return admitted;
    }

    /** An entry that is left. */
    @Benchmark
    public Entry sentinel(Subjects.Sentinel subject, Turn turn) throws BlockException {
        Entry entry = SphU.entry(Subjects.Sentinel.RESOURCE);
        if (turn.fails()) {
            Tracer.traceEntry(Subjects.FAILURE, entry);
        }
        entry.exit();
        return entry;
    }

    private static boolean resilience4j(CircuitBreaker circuit, Turn turn) {
        boolean admitted = circuit.tryAcquirePermission();
        long start = circuit.getCurrentTimestamp();
        long took = circuit.getCurrentTimestamp() - start;
        if (turn.fails()) {
            circuit.onError(took, circuit.getTimestampUnit(), Subjects.FAILURE);
        } else {
            circuit.onSuccess(took, circuit.getTimestampUnit());
        }
        return admitted;
    }
}
