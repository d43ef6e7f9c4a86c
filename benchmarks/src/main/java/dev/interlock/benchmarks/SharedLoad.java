package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Scope;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisSettings;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What sharing a circuit through Redis costs: how long after the breaching failure on one process another one refuses,
 * how many scripts Redis runs, and guarded calls a second compared with a breaker that asks Redis at each call and with
 * a local one. Two managers stand for two processes. {@code benchmarks/shared} runs it and writes
 * {@code docs/shared.md}.
 */
final class SharedLoad implements AutoCloseable {
    /** One process. */
    private record Node(RedisCircuitStore store, CircuitBreakerManager manager) {}

    private static final int TRIPS = 1_000;
    private static final int CIRCUITS = 1_000;
    private static final long LOAD_SECONDS = 8;
    private static final long ROUND_MILLIS = 1_200;
    private static final int ROUNDS = 4;
    private static final int BATCH = 64;

    private final LocalRedis redis = LocalRedis.start();
    private final Node a = node();
    private final Node b = node();
    private final StringBuilder delays = new StringBuilder();
    private final StringBuilder scripts = new StringBuilder();
    private final StringBuilder calls = new StringBuilder();

    private SharedLoad() throws IOException {}

    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        try (SharedLoad load = new SharedLoad()) {
            load.trips();
            load.scripts("two processes, no calls", 20, 0);
            load.scripts("1,000 circuits, 10 calls a second each on one process", 20 + 10 * CIRCUITS, 100);
            load.scripts("1,000 circuits, 100 calls a second each on one process", 20 + 10 * CIRCUITS, 10);
            for (int threads : new int[] {1, 2, 4}) {
                load.calls(threads);
            }
            String page = load.page(SharedThread.rows());
            System.out.println(page);
            Files.writeString(Path.of("docs", "shared.md"), page);
        }
    }

    @Override
    public void close() {
        for (Node node : List.of(a, b)) {
            node.manager.close();
            node.store.close();
        }
        redis.close();
    }

    private Node node() {
        RedisCircuitStore store =
                RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(1)));
        CircuitBreakerManager manager = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder()
                        .scope(Scope.SHARED)
                        .cooldown(Duration.ofMinutes(5))
                        .build())
                .store(store)
                .build();
        return new Node(store, manager);
    }

    private void trips() {
        long[] nanos = new long[TRIPS];
        for (int trip = 0; trip < TRIPS; trip++) {
            CircuitId id = CircuitId.of("trip-" + trip);
            b.manager.getOrCreate(id);
            for (int failure = 0; failure < 5; failure++) {
                a.manager.getOrCreate(id).recordFailure(FailureKind.TIMEOUT);
            }
            long breach = System.nanoTime();
            while (b.manager.getOrCreate(id).state() != CircuitState.OPEN) {
                Thread.onSpinWait();
            }
            nanos[trip] = System.nanoTime() - breach;
        }
        Arrays.sort(nanos);
        double p99 = nanos[TRIPS * 99 / 100] / 1e6;
        delays.append(String.format(
                Locale.ROOT,
                "| half | | %.1f ms | |%n| 99 %% | ≤ 250 ms | %.1f ms | %s |%n| all | | %.1f ms | |",
                nanos[TRIPS / 2] / 1e6,
                p99,
                p99 <= 250 ? "met" : "**missed**",
                nanos[TRIPS - 1] / 1e6));
    }

    private void scripts(String what, int model, long everyMillis) throws InterruptedException {
        ScheduledExecutorService callers = Executors.newScheduledThreadPool(1);
        if (everyMillis > 0) {
            callers.scheduleAtFixedRate(this::callEach, 0, everyMillis, TimeUnit.MILLISECONDS);
            TimeUnit.SECONDS.sleep(1); // until the circuits are there
        }
        redis.resetCounters();
        long began = System.nanoTime();
        TimeUnit.SECONDS.sleep(LOAD_SECONDS);
        double[] ran = redis.scripts();
        double seconds = (System.nanoTime() - began) / 1e9;
        callers.shutdownNow();
        scripts.append(
                String.format(Locale.ROOT, "| %s | %,d | %,.0f | %.0f µs |%n", what, model, ran[0] / seconds, ran[1]));
    }

    private void callEach() {
        for (int i = 0; i < CIRCUITS; i++) {
            a.manager.getOrCreate("busy-" + i).recordSuccess();
        }
    }

    private void calls(int threads) throws InterruptedException, ExecutionException {
        Guard guard = a.manager.guard("compared-" + threads);
        AskingBreaker asking = new AskingBreaker(redis.connect(), "asking-" + threads);
        CircuitBreaker local = new Subjects.Resilience4jTime().circuit;
        LongSupplier work = System::nanoTime; // something that cannot be left out
        List<LongSupplier> subjects = List.of(
                () -> guard.call(work::getAsLong),
                () -> asking.call(work),
                () -> local.executeSupplier(work::getAsLong));
        List<List<Double>> rates = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int round = 0; round <= ROUNDS; round++) {
            for (int subject = 0; subject < subjects.size(); subject++) {
                double rate = rate(subjects.get(subject), threads);
                if (round > 0) { // the first only warms up
                    rates.get(subject).add(rate);
                }
            }
        }
        double ours = Measurements.Figure.of(rates.get(0)).median();
        double asked = Measurements.Figure.of(rates.get(1)).median();
        double alone = Measurements.Figure.of(rates.get(2)).median();
        calls.append(String.format(
                Locale.ROOT,
                "| %d | %,.0f | %,.0f | %,.0f | %,.0f | %.1f |%n",
                threads,
                ours,
                asked,
                alone,
                ours / asked,
                ours / alone));
    }

    /** Calls a second of some threads together. */
    private static double rate(LongSupplier subject, int threads) throws InterruptedException, ExecutionException {
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        List<Future<Long>> counts = new ArrayList<>();
        long began = System.nanoTime();
        long end = began + TimeUnit.MILLISECONDS.toNanos(ROUND_MILLIS);
        for (int i = 0; i < threads; i++) {
            counts.add(callers.submit(() -> {
                long made = 0;
                long last = 0;
                while (last < end) {
                    for (int call = 0; call < BATCH; call++) {
                        last = subject.getAsLong();
                    }
                    made += BATCH;
                }
                return made;
            }));
        }
        long all = 0;
        for (Future<Long> count : counts) {
            all += count.get();
        }
        callers.shutdown();
        return all / ((System.nanoTime() - began) / 1e9);
    }

    private String page(String thread) {
        return String.format(
                Locale.ROOT, """
                # What a shared circuit costs

                Two processes' managers in one JVM, and Redis %s on the same machine. Written by `benchmarks/shared`; do not edit. Compare ratios: the figures are this machine's. What they mean is said in [scaling](scaling.md).

                %s.

                ## From the breach on one process to the refusal on another

                Over %,d trips, each of a circuit of its own.

                | of the trips | target | measured | |
                |---|---|---|---|
                %s

                ## Scripts that Redis runs a second

                | load | model | measured | a script |
                |---|---:|---:|---:|
                %s
                ## The thread that deals with other processes

                Its share of one core, by its CPU time.

                | load | scripts a second | target | measured | |
                |---|---:|---|---:|---|
                %s
                ## Guarded calls a second

                All threads on one circuit, closed; the work is to read the clock. **Interlock** is a shared circuit. The **asking** breaker has its state and its window in Redis, one script before each call and one after, over one connection of Lettuce. **Resilience4j** counts the last 60 s for itself and shares nothing. Medians of %d rounds.

                | threads | Interlock, shared | asking Redis | Resilience4j, local | × asking | × local |
                |---:|---:|---:|---:|---:|---:|
                %s""", redis.version(), Machine.describe(), TRIPS, delays, scripts, thread, ROUNDS, calls);
    }
}
