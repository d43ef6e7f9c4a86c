package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.TransitionCause;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Function;

/** Whether one agent whose calls all fail, or loops on a wrong request, shuts a model for others or hides its outage. */
final class CallersOfUpstreams implements BlamePart {
    private static final String MODEL = "model:m";
    private static final double GAP = 14;
    private static final int PATIENT = 19;
    private static final double HOURS = 20;
    private static final int OUTAGES = 3_000;

    @Override
    public String name() {
        return "callers";
    }

    @Override
    public void play(PrintStream out, long seed) {
        out.println("## Callers");
        out.println();
        out.printf(
                Locale.ROOT,
                "%d patient agents (mean gap %.0f s) beside one whose calls all fail, policy `upstream`, %.0f virtual hours.%n%n",
                PATIENT,
                GAP,
                HOURS);
        out.println(
                "| failing calls a second | background | patient calls refused | with `minCallers` 1 | own openings of the failing one |");
        out.println("|---|---|---|---|---|");
        for (double background : new double[] {0, 0.018}) {
            for (int rate : new int[] {1, 5, 50, 250}) {
                World with = new World(seed, 2);
                with.fleet(rate, background);
                World without = new World(seed, 1);
                without.fleet(rate, background);
                out.printf(
                        Locale.ROOT,
                        "| %d | %.1f %% | %.2f %% | %.1f %% | %d |%n",
                        rate,
                        100 * background,
                        100 * with.refusedShare(),
                        100 * without.refusedShare(),
                        with.ownOpenings);
            }
        }
        out.println();
        out.printf(
                Locale.ROOT,
                "An outage (a call fails with probability 0.8), %d times: mean seconds to open.%n%n",
                OUTAGES);
        out.println("| agents | `minCallers` 1 | `minCallers` 2 | later |");
        out.println("|---|---|---|---|");
        for (int agents : new int[] {1, 2, 10, 20, 50}) {
            double one = mean(agents, seed, 1);
            double two = mean(agents, seed, 2);
            out.printf(Locale.ROOT, "| %d | %.2f | %.2f | %.2f |%n", agents, one, two, two - one);
        }
        out.println();
        int within = 0;
        double sum = 0;
        for (int i = 0; i < OUTAGES; i++) {
            double seconds = new World(seed + i, 2).loopBesideOutage();
            within += seconds <= 10 ? 1 : 0;
            sum += seconds;
        }
        out.printf(
                Locale.ROOT,
                "One agent loops on 400s at 20 a second beside %d whose model is dead, %d times: open after %.2f s on average, within 10 s in %.1f %%.%n",
                PATIENT,
                OUTAGES,
                sum / OUTAGES,
                100.0 * within / OUTAGES);
    }

    private static double mean(int agents, long seed, int minCallers) {
        double sum = 0;
        for (int i = 0; i < OUTAGES; i++) {
            sum += new World(seed + i, minCallers).outage(agents);
        }
        return sum / OUTAGES;
    }

    /** When an agent calls next, in seconds. */
    private record Turn(double at, int agent) {}

    /** One fleet on a clock of its own. */
    private static final class World {
        private final ManualTimeSource time = new ManualTimeSource();
        private final Random random;
        private final CircuitBreakerManager circuits;
        private final PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingDouble(Turn::at));
        private double now;
        private long patientCalls;
        private long patientRefused;
        private int ownOpenings;

        World(long seed, int minCallers) {
            random = new Random(seed);
            circuits = CircuitBreakerManager.builder()
                    .defaults(CircuitBreakerConfig.recommended())
                    .time(time)
                    .randomness(new Random(seed + 1)::nextDouble)
                    .executor(Runnable::run)
                    .listener(change -> ownOpenings += change.cause() == TransitionCause.CALLER_ALONE ? 1 : 0)
                    .build();
            circuits.putPolicy(
                    "model:*",
                    CircuitBreakerConfig.upstream().toBuilder()
                            .minCallers(minCallers)
                            .build());
        }

        /** The patient agents and, in the last place, one whose calls all fail. */
        void fleet(int failingPerSecond, double background) {
            Guard[] guards = guards(PATIENT + 1);
            for (int i = 0; i < guards.length; i++) {
                turns.add(new Turn(random.nextDouble() * GAP, i));
            }
            while (now < HOURS * 3600) {
                Turn turn = next();
                boolean failing = turn.agent == PATIENT;
                Outcome outcome = failing || random.nextDouble() < background
                        ? Outcome.failure(FailureKind.SERVER_ERROR)
                        : Outcome.success();
                boolean admitted = call(guards[turn.agent], outcome);
                if (!failing) {
                    patientCalls++;
                    patientRefused += admitted ? 0 : 1;
                }
                turns.add(new Turn(now + (failing ? 1.0 / failingPerSecond : gap()), turn.agent));
            }
            circuits.close();
        }

        double refusedShare() {
            return (double) patientRefused / patientCalls;
        }

        /** How long after its beginning an outage opens the model, after an hour without one. */
        double outage(int agents) {
            return untilOpen(
                    agents,
                    agent -> gap(),
                    agent -> random.nextDouble() < 0.8 ? Outcome.failure(FailureKind.SERVER_ERROR) : Outcome.success());
        }

        /** The same where the model is dead, except for the last agent, which is refused as its mistake deserves. */
        double loopBesideOutage() {
            return untilOpen(
                    PATIENT + 1,
                    agent -> agent == PATIENT ? 1.0 / 20 : gap(),
                    agent -> Outcome.failure(agent == PATIENT ? FailureKind.INVALID_REQUEST : FailureKind.CONNECTION));
        }

        private double untilOpen(int agents, Function<Integer, Double> gaps, Function<Integer, Outcome> ends) {
            Guard[] guards = guards(agents);
            for (int i = 0; i < agents; i++) {
                turns.add(new Turn(random.nextDouble() * GAP, i));
            }
            double begins = 1800;
            while (circuits.getOrCreate(MODEL).state() == CircuitState.CLOSED) {
                Turn turn = next();
                call(guards[turn.agent], now < begins ? Outcome.success() : ends.apply(turn.agent));
                turns.add(new Turn(now + gaps.apply(turn.agent), turn.agent));
            }
            circuits.close();
            return now - begins;
        }

        private Guard[] guards(int agents) {
            Guard[] guards = new Guard[agents];
            for (int i = 0; i < agents; i++) {
                guards[i] = circuits.guard("agent-" + i).dependingOn(MODEL);
            }
            return guards;
        }

        private Turn next() {
            Turn turn = turns.remove();
            time.advance(Duration.ofNanos((long) (turn.at * 1e9) - time.ticks()));
            now = turn.at;
            return turn;
        }

        private double gap() {
            return -GAP * Math.log(1 - random.nextDouble());
        }

        private static boolean call(Guard guard, Outcome outcome) {
            Permit permit;
            try {
                permit = guard.acquire();
            } catch (CircuitOpenException refused) {
                return false;
            }
            permit.settle(outcome);
            return true;
        }
    }
}
