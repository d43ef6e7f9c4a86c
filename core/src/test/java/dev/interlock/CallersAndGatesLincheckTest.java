package dev.interlock;

import java.time.Duration;
import java.util.stream.IntStream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * As {@link BreakerLincheckTest}, for a circuit that many call, each thread a caller of its own, and for gates that come
 * and go before circuits.
 */
@Tag("heavy")
@Tag("thorough")
class CallersAndGatesLincheckTest {
    /** Each is slow, since each makes a manager. */
    private static final int ORDERS = 50;

    @Test
    void callersThatFailAreLinearizable() {
        BreakerLincheckTest.check(Failing.class, ORDERS);
    }

    @Test
    void timeOutsDuringGoodCallsAreLinearizable() {
        BreakerLincheckTest.check(TimeOuts.class, ORDERS);
    }

    @Test
    void trialsOfAnotherCallerAreLinearizable() {
        BreakerLincheckTest.check(Turns.class, ORDERS);
    }

    @Test
    void gatesAreLinearizable() {
        BreakerLincheckTest.check(Gated.class, ORDERS);
    }

    /** A circuit of which each thread is a caller that has asked, on a clock that stands still. */
    @Param(name = "thread", gen = ThreadIdGen.class)
    public abstract static class Circuit {
        static final int THREADS = 10;

        final ManualTimeSource time = new ManualTimeSource();
        final CircuitBreakerManager manager;
        final CircuitBreaker circuit;
        final Guard[] guards;
        final @Nullable Permit[] permits = new Permit[THREADS];

        Circuit(ConfigBuilder config) {
            manager = CircuitBreakerManager.builder()
                    .defaults(config.failureRateThreshold(null).build())
                    .time(time)
                    .executor(Runnable::run)
                    .randomness(() -> 0)
                    .generation(1)
                    .build();
            circuit = manager.getOrCreate("agent");
            guards = IntStream.range(0, THREADS)
                    .mapToObj(thread -> manager.guard("agent").withCaller(String.valueOf((char) ('a' + thread))))
                    .toArray(Guard[]::new);
        }

        @Nullable
        Settlement end(int thread, Outcome outcome) {
            Permit permit = permits[thread];
            permits[thread] = null;
            return permit == null ? null : permit.settle(outcome);
        }

        boolean begins(int thread) {
            Permit permit = guards[thread].tryAcquire();
            if (permit != null) {
                permits[thread] = permit;
            }
            return permit != null;
        }

        @Operation
        public String state() {
            return circuit.state().name();
        }
    }

    /**
     * Two in a row of two callers trip. Every thread has its call out when it begins, and ends it once: streak and callers
     * are two words, so that of two outcomes that overlap each may count first.
     */
    public static class Failing extends Circuit {
        public Failing() {
            super(CircuitBreakerConfig.builder().failureThreshold(2).minCallers(2));
            for (int i = 0; i < THREADS; i++) {
                begins(i);
            }
        }

        @Operation
        public void succeed(@Param(name = "thread") int thread) {
            end(thread, Outcome.success());
        }

        @Operation
        public void fail(@Param(name = "thread") int thread) {
            end(thread, Outcome.failure(FailureKind.ERROR));
        }

        @Operation
        public long epoch() {
            return circuit.snapshot().epoch();
        }
    }

    /** A time-out counts, or is its caller's own since another one's call has ended well. */
    public static class TimeOuts extends Circuit {
        public TimeOuts() {
            super(CircuitBreakerConfig.builder().failureThreshold(null).minCallers(2));
            for (int i = 0; i < THREADS; i++) {
                begins(i);
            }
            time.advance(Duration.ofSeconds(1));
        }

        @Operation
        public @Nullable Settlement succeed(@Param(name = "thread") int thread) {
            return end(thread, Outcome.success());
        }

        @Operation
        public @Nullable Settlement timeOut(@Param(name = "thread") int thread) {
            return end(thread, Outcome.failure(FailureKind.TIMEOUT));
        }

        @Operation
        public int failures() {
            return circuit.snapshot().figures().failures();
        }
    }

    /** Who failed its trial lets others try first. */
    public static class Turns extends Circuit {
        public Turns() {
            super(CircuitBreakerConfig.builder()
                    .minCallers(2)
                    .halfOpenMaxRequests(2)
                    .trialsAtOnce(1)
                    .successThreshold(2));
            circuit.override(ManualOverride.of(OverrideAction.OPEN, "tester"));
            for (int i = 0; i < THREADS; i++) {
                begins(i);
            }
        }

        @Operation
        public boolean begin(@Param(name = "thread") int thread) {
            return begins(thread);
        }

        @Operation
        public @Nullable Settlement succeed(@Param(name = "thread") int thread) {
            return end(thread, Outcome.success());
        }

        @Operation
        public void fail(@Param(name = "thread") int thread) {
            end(thread, Outcome.failure(FailureKind.ERROR));
        }

        @Operation
        public void endCooldown() {
            circuit.override(ManualOverride.of(OverrideAction.PROBE_NOW, "tester"));
        }
    }

    /** Once a gate was put no call begins, and once the last was removed every one does; what runs counts. */
    public static class Gated extends Circuit {
        private final Guard several;

        public Gated() {
            super(CircuitBreakerConfig.builder().failureThreshold(2));
            several = manager.guard("agent").dependingOn("model:m");
        }

        @Operation
        public void put(@Param(gen = IntGen.class, conf = "0:1") int which) {
            manager.gates()
                    .put(Gate.ofAgents(CircuitId.DEFAULT_ORGANIZATION, "agent", "tester")
                            .named("gate-" + which));
        }

        @Operation
        public boolean remove(@Param(gen = IntGen.class, conf = "0:1") int which) {
            return manager.gates().remove(CircuitId.DEFAULT_ORGANIZATION, "gate-" + which, "tester", null) != null;
        }

        @Operation
        public int list() {
            return manager.gates().list().size();
        }

        @Operation
        public boolean begin(@Param(name = "thread") int thread) {
            return begins(thread);
        }

        @Operation
        public boolean beginSeveral() {
            Permit permit = several.tryAcquire();
            if (permit != null) {
                permit.cancel();
            }
            return permit != null;
        }

        @Operation
        public void fail(@Param(name = "thread") int thread) {
            end(thread, Outcome.failure(FailureKind.ERROR));
        }
    }
}
