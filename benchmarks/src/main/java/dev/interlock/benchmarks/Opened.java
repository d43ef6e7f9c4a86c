package dev.interlock.benchmarks;

import com.alibaba.csp.sentinel.Entry;
import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.Tracer;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The {@link Subjects}, opened, with an hour to go before a trial. */
public final class Opened {
    private Opened() {}

    /** Opened by hand. */
    @State(Scope.Benchmark)
    public static class Interlock extends Subjects.Interlock {
        /** Open. */
        public Interlock() {
            circuit.override(ManualOverride.of(OverrideAction.OPEN, "benchmark"));
        }
    }

    /** Opened by hand. */
    @State(Scope.Benchmark)
    public static class Resilience4jTime extends Subjects.Resilience4jTime {
        /** Open. */
        public Resilience4jTime() {
            circuit.transitionToOpenState();
        }
    }

    /** Opened by hand. */
    @State(Scope.Benchmark)
    public static class Resilience4jNoTrace extends Subjects.Resilience4jNoTrace {
        /** Open. */
        public Resilience4jNoTrace() {
            circuit.transitionToOpenState();
        }
    }

    /** Opened by hand. */
    @State(Scope.Benchmark)
    public static class Failsafe extends Subjects.Failsafe {
        /** Open. */
        public Failsafe() {
            circuit.open();
        }
    }

    /** Opened by failures, since it has no such action. */
    @State(Scope.Benchmark)
    public static class Sentinel extends Subjects.Sentinel {
        /** Open. */
        public Sentinel() {
            for (int i = 0; i < 2 * Subjects.MINIMUM; i++) {
                try (Entry entry = SphU.entry(RESOURCE)) {
                    Tracer.traceEntry(Subjects.FAILURE, entry);
                } catch (BlockException open) {
                    return;
                }
            }
            throw new IllegalStateException("Sentinel's circuit did not open");
        }
    }
}
