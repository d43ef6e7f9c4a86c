package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManagerBuilder;
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
import java.util.SplittableRandom;
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

    /** What of the rules on probes the logs have brought about: losses of trust, trips by probes, real trials. */
    private final int[] probed = new int[3];

    /** A call that is out. */
    private record Out<T>(Call call, T ticket) implements Comparable<Out<T>> {
        @Override
        public int compareTo(Out<T> other) {
            int byEnd = Long.compare(call.end(), other.call.end());
            return byEnd != 0 ? byEnd : Long.compare(call.line(), other.call.line());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "recommended", "upstream", "attempts", "recommended+probe", "upstream+probe"})
    void agree_to_the_call(String name) throws BadRowException {
        CircuitBreakerConfig config = config(name);
        long refused = 0;
        long openings = 0;
        long late = 0;
        for (int seed = 0; seed < LOGS; seed++) {
            List<Call> log = log(new Random(seed));
            ProbeAnswers answers = config.probe() == null ? null : answers(log, seed);
            Decided simulated = simulated(config, log, answers);

            assertThat(replayed(config, log, answers))
                    .as("replay, seed %d", seed)
                    .isEqualTo(simulated);
            assertThat(live(config, log, answers)).as("live, seed %d", seed).isEqualTo(simulated);
            refused += simulated.admitted.stream().filter(each -> !each).count();
            openings += simulated.openings;
            late += simulated.late;
        }
        assertThat(refused).as("worth comparing").isGreaterThan(LOGS * 100L);
        assertThat(openings).isGreaterThan(LOGS * 3L);
        assertThat(late).isGreaterThan(LOGS);
        if (config.probe() != null) {
            assertThat(probed).doesNotContain(0);
        }
    }

    /** A window of time lets outcomes count up to a tenth longer, which no simulation can know: it goes without its rate. */
    private static CircuitBreakerConfig config(String name) {
        CircuitBreakerConfig config = Objects.requireNonNull(PolicySettings.builtIn(name));
        return config.window().time() == null
                ? config
                : config.toBuilder().failureRateThreshold(null).build();
    }

    /**
     * A probe that is good while calls are, mostly; of each four logs one is blind in bad times, and one is broken for the
     * second half.
     */
    private static ProbeAnswers answers(List<Call> log, int seed) {
        long half = log.get(log.size() / 2).time();
        return (circuit, time, before) -> {
            double chance = new SplittableRandom(seed ^ time * 31 + before).nextDouble();
            if (seed % 4 == 2 && time > half) {
                return false;
            }
            return chance > (isBad(log, time) && seed % 4 != 1 ? 0.8 : 0.02);
        };
    }

    private static boolean isBad(List<Call> log, long time) {
        int begun = 0;
        for (int high = log.size(); begun < high; ) {
            int middle = (begun + high) >>> 1;
            if (log.get(middle).time() <= time) {
                begun = middle + 1;
            } else {
                high = middle;
            }
        }
        return isBad(begun);
    }

    private static boolean isBad(int number) {
        return number / 200 % 2 == 1;
    }

    private Decided simulated(CircuitBreakerConfig config, List<Call> log, @Nullable ProbeAnswers answers) {
        SlowSimulation simulation = answers == null
                ? new SlowSimulation(config)
                : new ProbedSimulation(config, answers, log.get(0).time());
        List<Boolean> admitted = new ArrayList<>();
        PriorityQueue<Out<SlowSimulation.Ticket>> out = new PriorityQueue<>();
        for (Call call : log) {
            for (var ended = out.peek(); ended != null && ended.call.end() <= call.time(); ended = out.peek()) {
                out.remove();
                simulation.advance(ended.call.end());
                simulation.end(ended.ticket, ended.call.kind(), ended.call.end());
            }
            simulation.advance(call.time());
            SlowSimulation.Ticket ticket = simulation.ask(call.time());
            admitted.add(ticket != null);
            if (ticket != null) {
                out.add(new Out<>(call, ticket));
            }
        }
        for (var ended = out.poll(); ended != null; ended = out.poll()) {
            simulation.advance(ended.call.end());
            simulation.end(ended.ticket, ended.call.kind(), ended.call.end());
        }
        if (simulation instanceof ProbedSimulation with) {
            probed[0] += with.losses;
            probed[1] += with.trips;
            probed[2] += with.realTrials;
        }
        return new Decided(admitted, simulation.openings, simulation.late);
    }

    /** A replay whose decisions are noted. */
    private static Decided replayed(CircuitBreakerConfig config, List<Call> log, @Nullable ProbeAnswers answers) {
        List<Boolean> admitted = new ArrayList<>();
        Circuits real = Policy.of(config).circuits(By.AGENT, log.get(0).time(), Incidents.NONE, answers);
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
    private static Decided live(CircuitBreakerConfig config, List<Call> log, @Nullable ProbeAnswers answers) {
        ManualTimeSource time = new ManualTimeSource(Instant.EPOCH);
        long[] openings = new long[1];
        List<Boolean> admitted = new ArrayList<>();
        ManagerBuilder builder = CircuitBreakerManager.builder();
        if (answers != null) {
            long[] last = {-1, 0};
            builder.probe("*", id -> {
                last[1] = last[0] == time.ticks() ? last[1] + 1 : 0;
                last[0] = time.ticks();
                return answers.isGood(id.name(), time.ticks(), (int) last[1]);
            });
        }
        try (CircuitBreakerManager circuits = builder.defaults(config)
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
            FailureKind kind = random.nextDouble() < (isBad(i) ? bad : 0.03)
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
