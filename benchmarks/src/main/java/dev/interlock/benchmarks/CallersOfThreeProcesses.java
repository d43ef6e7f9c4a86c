package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.TransitionCause;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Whether one agent whose calls all fail shuts a model for others, where three processes share its circuit over a real
 * Redis. What processes report to each other takes real time, so the virtual clock goes no faster than sixty times that: a
 * report that takes 0.1 s is 6 virtual seconds old, which is worse than it would be in life.
 */
final class CallersOfThreeProcesses implements BlamePart {
    private static final String MODEL = "model:m";
    private static final double GAP = 14;
    private static final int PATIENT = 19;
    private static final int PROCESSES = 3;
    private static final double HOURS = 2;
    private static final double BACKGROUND = 0.018;
    private static final double SPEED = 60;

    @Override
    public String name() {
        return "callers-shared";
    }

    @Override
    public void play(PrintStream out, long seed) {
        out.println("## Callers of three processes");
        out.println();
        out.printf(
                Locale.ROOT,
                "%d patient agents (mean gap %.0f s, background failures %.1f %%) on %d processes that share the model's circuit"
                        + " over Redis, beside one on one of them whose calls all fail, policy `upstream`, %.0f virtual hours at %.0f times their speed.%n%n",
                PATIENT,
                GAP,
                100 * BACKGROUND,
                PROCESSES,
                HOURS,
                SPEED);
        out.println(
                "| failing calls a second | `minCallers` | patient calls | refused | openings of the model | own openings of the failing one |");
        out.println("|---|---|---|---|---|---|");
        try (LocalRedis redis = LocalRedis.start()) {
            for (int rate : new int[] {1, 5, 50, 250}) {
                play(out, redis, seed, rate, 2);
            }
            play(out, redis, seed, 5, 1);
        } catch (IOException noRedis) {
            throw new UncheckedIOException(noRedis);
        }
    }

    private static void play(PrintStream out, LocalRedis redis, long seed, int rate, int minCallers) {
        World world = new World(redis, "blame-" + rate + "-" + minCallers, seed, minCallers);
        world.fleet(rate);
        out.printf(
                Locale.ROOT,
                "| %d | %d | %d | %.2f %% | %d | %d |%n",
                rate,
                minCallers,
                world.patientCalls,
                100.0 * world.patientRefused / world.patientCalls,
                world.openings.get(),
                world.ownOpenings.get());
    }

    /** When an agent calls next, in seconds. */
    private record Turn(double at, int agent) {}

    /** One fleet, whose agents are spread over the processes. */
    private static final class World {
        private final ManualTimeSource time = new ManualTimeSource(Instant.now());
        private final Random random;
        private final List<RedisCircuitStore> stores = new ArrayList<>();
        private final List<CircuitBreakerManager> processes = new ArrayList<>();
        private final PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingDouble(Turn::at));
        private final AtomicInteger openings = new AtomicInteger();
        private final AtomicInteger ownOpenings = new AtomicInteger();
        private final long began = System.nanoTime();
        private long patientCalls;
        private long patientRefused;

        World(LocalRedis redis, String prefix, long seed, int minCallers) {
            random = new Random(seed);
            for (int i = 0; i < PROCESSES; i++) {
                RedisCircuitStore store = RedisCircuitStore.open(
                        RedisSettings.of(redis.url()).withPrefix(prefix).withSlowAfter(Duration.ofSeconds(1)),
                        time::wallTime);
                stores.add(store);
                boolean first = i == 0;
                CircuitBreakerManager process = CircuitBreakerManager.builder()
                        .defaults(CircuitBreakerConfig.recommended())
                        .time(time)
                        .randomness(new Random(seed + i)::nextDouble)
                        .executor(Runnable::run)
                        .store(store)
                        .listener(change -> {
                            if (change.cause() == TransitionCause.CALLER_ALONE) {
                                ownOpenings.incrementAndGet();
                            }
                            if (first && change.opens() && change.id().name().equals(MODEL)) {
                                openings.incrementAndGet();
                            }
                        })
                        .build();
                process.putPolicy(
                        "model:*",
                        CircuitBreakerConfig.upstream().toBuilder()
                                .minCallers(minCallers)
                                .scope(Scope.SHARED)
                                .build());
                process.getOrCreate(MODEL);
                processes.add(process);
            }
        }

        void fleet(int failingPerSecond) {
            List<Guard> guards = new ArrayList<>();
            for (int i = 0; i <= PATIENT; i++) {
                guards.add(processes.get(i % PROCESSES).guard("agent-" + i).dependingOn(MODEL));
                turns.add(new Turn(random.nextDouble() * GAP, i));
            }
            double now = 0;
            while (now < HOURS * 3600) {
                Turn turn = turns.remove();
                now = turn.at;
                awaitTurn(now);
                time.advance(Duration.ofNanos((long) (now * 1e9) - time.ticks()));
                boolean failing = turn.agent == PATIENT;
                Outcome outcome = failing || random.nextDouble() < BACKGROUND
                        ? Outcome.failure(FailureKind.SERVER_ERROR)
                        : Outcome.success();
                boolean admitted = call(guards.get(turn.agent), outcome);
                if (!failing) {
                    patientCalls++;
                    patientRefused += admitted ? 0 : 1;
                }
                double gap = failing ? 1.0 / failingPerSecond : -GAP * Math.log(1 - random.nextDouble());
                turns.add(new Turn(now + gap, turn.agent));
            }
            processes.forEach(CircuitBreakerManager::close);
            stores.forEach(RedisCircuitStore::close);
        }

        /** The virtual clock waits for the real one. */
        private void awaitTurn(double virtual) {
            long due = began + (long) (virtual / SPEED * 1e9);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
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
