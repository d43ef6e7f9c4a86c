package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.settings.PolicySettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A replay, circuits that are driven by hand, and a simulation that shares no code with them decide the same of every
 * call.
 */
class AgreementTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int LOGS = 60;
    private static final FailureKind[] KINDS = {
        FailureKind.SERVER_ERROR,
        FailureKind.SERVER_ERROR,
        FailureKind.SERVER_ERROR,
        FailureKind.TIMEOUT,
        FailureKind.CONNECTION,
        FailureKind.ERROR,
        FailureKind.RATE_LIMITED
    };
    private static final FailureKind[] RARE_KINDS = {
        FailureKind.QUOTA_EXHAUSTED, FailureKind.AUTHENTICATION, FailureKind.MODEL_NOT_FOUND, FailureKind.LOOP
    };

    /** What one of the three makes of a log. */
    private record Decided(List<Boolean> admitted, long openings, long late) {}

    /** A call that is out. */
    private record Out<T>(Call call, T ticket) implements Comparable<Out<T>> {
        @Override
        public int compareTo(Out<T> other) {
            int byEnd = Long.compare(call.end(), other.call.end());
            return byEnd != 0 ? byEnd : Long.compare(call.line(), other.call.line());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "recommended", "upstream", "attempts"})
    void agree_to_the_call(String name) throws BadRowException {
        CircuitBreakerConfig config = config(name);
        long refused = 0;
        long openings = 0;
        long late = 0;
        for (int seed = 0; seed < LOGS; seed++) {
            List<Call> log = log(new Random(seed));
            Decided simulated = simulated(config, log);

            assertThat(replayed(config, log)).as("replay, seed %d", seed).isEqualTo(simulated);
            assertThat(live(config, log)).as("live, seed %d", seed).isEqualTo(simulated);
            refused += simulated.admitted.stream().filter(each -> !each).count();
            openings += simulated.openings;
            late += simulated.late;
        }
        assertThat(refused).as("worth comparing").isGreaterThan(LOGS * 100L);
        assertThat(openings).isGreaterThan(LOGS * 3L);
        assertThat(late).isGreaterThan(LOGS);
    }

    /** A window of time lets outcomes count up to a tenth longer, which no simulation can know: it goes without its rate. */
    private static CircuitBreakerConfig config(String name) {
        CircuitBreakerConfig config = Objects.requireNonNull(PolicySettings.builtIn(name));
        return config.window().time() == null
                ? config
                : config.toBuilder().failureRateThreshold(null).build();
    }

    private static Decided simulated(CircuitBreakerConfig config, List<Call> log) {
        SlowSimulation simulation = new SlowSimulation(config);
        List<Boolean> admitted = new ArrayList<>();
        PriorityQueue<Out<SlowSimulation.Ticket>> out = new PriorityQueue<>();
        for (Call call : log) {
            for (var ended = out.peek(); ended != null && ended.call.end() <= call.time(); ended = out.peek()) {
                out.remove();
                simulation.end(ended.ticket, ended.call.kind(), ended.call.end());
            }
            SlowSimulation.Ticket ticket = simulation.ask(call.time());
            admitted.add(ticket != null);
            if (ticket != null) {
                out.add(new Out<>(call, ticket));
            }
        }
        for (var ended = out.poll(); ended != null; ended = out.poll()) {
            simulation.end(ended.ticket, ended.call.kind(), ended.call.end());
        }
        return new Decided(admitted, simulation.openings, simulation.late);
    }

    /** A replay whose decisions are noted. */
    private static Decided replayed(CircuitBreakerConfig config, List<Call> log) {
        List<Boolean> admitted = new ArrayList<>();
        Circuits real = Policy.of(config).circuits(By.AGENT, log.get(0).time(), Incidents.NONE, null);
        Circuits noting = new Circuits() {
            @Override
            public void advance(long now) {
                real.advance(now);
            }

            @Override
            public @Nullable Pass ask(Call call) {
                Pass pass = real.ask(call);
                admitted.add(pass != null);
                return pass;
            }

            @Override
            public Collection<? extends Circuit> all() {
                return real.all();
            }

            @Override
            public void close() {
                real.close();
            }
        };
        try (PolicyRun run = new PolicyRun("a", noting, Incidents.NONE, Long.MAX_VALUE)) {
            log.forEach(run::begin);
            run.finish();
            Circuit only = run.circuits().iterator().next();
            return new Decided(admitted, only.openings(), only.late());
        }
    }

    /** The product's circuits, driven as an application would, on a clock that is set by hand. */
    private static Decided live(CircuitBreakerConfig config, List<Call> log) {
        ManualTimeSource time = new ManualTimeSource(Instant.EPOCH);
        long[] openings = new long[1];
        List<Boolean> admitted = new ArrayList<>();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(config)
                .time(time)
                .randomness(new Random(1)::nextDouble)
                .executor(Runnable::run)
                .listener(change -> openings[0] += change.opens() ? 1 : 0)
                .build()) {
            Guard guard = circuits.guard("a");
            PriorityQueue<Out<Permit>> out = new PriorityQueue<>();
            for (Call call : log) {
                for (var ended = out.peek(); ended != null && ended.call.end() <= call.time(); ended = out.peek()) {
                    settle(out.remove(), time);
                }
                set(time, call.time());
                Permit permit = guard.tryAcquire();
                admitted.add(permit != null);
                if (permit != null) {
                    out.add(new Out<>(call, permit));
                }
            }
            for (var ended = out.poll(); ended != null; ended = out.poll()) {
                settle(ended, time);
            }
            return new Decided(
                    admitted, openings[0], circuits.snapshot(CircuitId.of("a")).late());
        }
    }

    private static void settle(Out<Permit> ended, ManualTimeSource time) {
        set(time, ended.call.end());
        FailureKind kind = ended.call.kind();
        ended.ticket.settle(kind == null ? Outcome.success() : Outcome.failure(kind));
    }

    private static void set(ManualTimeSource time, long nanos) {
        time.advance(Duration.ofNanos(nanos - time.ticks()));
    }

    /** Good and bad times of one agent, several calls at a time, some much longer than a trial's lease. */
    private static List<Call> log(Random random) throws BadRowException {
        Name agent = new Names().of("agent", "a");
        List<Call> calls = new ArrayList<>();
        long time = 0;
        double gap = 1 + random.nextInt(20);
        double bad = 0.3 + 0.6 * random.nextDouble();
        for (int i = 0; i < 1_500; i++) {
            time += random.nextInt(20) == 0 ? 0 : (long) (2 * gap * random.nextDouble() * SECOND);
            boolean isBad = i / 200 % 2 == 1;
            FailureKind kind = random.nextDouble() < (isBad ? bad : 0.03)
                    ? KINDS[random.nextInt(KINDS.length)]
                    : random.nextInt(40) == 0 ? FailureKind.CANCELLED : null;
            if (random.nextInt(700) == 0) {
                kind = RARE_KINDS[random.nextInt(RARE_KINDS.length)];
            }
            long took = (long) (random.nextDouble() * (random.nextInt(15) == 0 ? 400 : 15) * SECOND);
            boolean ok = kind == null || kind == FailureKind.CANCELLED;
            calls.add(new Call(i, time, took, agent, null, ok, kind, Call.NO_WAIT, null));
        }
        return calls;
    }
}
