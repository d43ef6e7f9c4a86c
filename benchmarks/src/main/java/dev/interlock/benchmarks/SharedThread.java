package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureKind;
import dev.interlock.Scope;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Which share of a core the thread takes that brings figures and trials to the other processes ({@code interlock-shared}):
 * with 1,000 circuits that are called six times a second each, and with 1,000 open ones in addition, three quarters of
 * which are past their cooldown and refused four times a second; all spread evenly. {@code benchmarks/shared} runs it.
 */
final class SharedThread {
    private static final int CIRCUITS = 1_000;
    private static final long WARM_UP_SECONDS = 6;
    private static final long SECONDS = 10;

    private static int nextBusy;
    private static int nextOpen;

    private SharedThread() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.out.println(rows());
    }

    /** Rows of a table: load, scripts a second, target, share of a core, and whether that is met. */
    static String rows() throws IOException, InterruptedException {
        StringBuilder rows = new StringBuilder();
        try (LocalRedis redis = LocalRedis.start()) {
            RedisSettings settings = RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(1));
            try (RedisCircuitStore store = RedisCircuitStore.open(settings);
                    CircuitBreakerManager manager = CircuitBreakerManager.builder()
                            .defaults(config(Duration.ofMinutes(5)))
                            .policy("cooled-*", config(Duration.ofSeconds(2)))
                            .store(store)
                            .build()) {
                ScheduledExecutorService callers = Executors.newScheduledThreadPool(2);
                callers.scheduleAtFixedRate(() -> callBusy(manager), 0, 1, TimeUnit.MILLISECONDS);
                rows.append(row(redis, "1,000 busy circuits, 6,000 calls a second"));
                for (int i = 0; i < CIRCUITS; i++) {
                    manager.getOrCreate(open(i)).recordFailure(FailureKind.AUTHENTICATION);
                }
                callers.scheduleAtFixedRate(() -> callOpen(manager), 0, 1, TimeUnit.MILLISECONDS);
                rows.append(row(redis, "and 1,000 open ones, 4,000 refused calls a second"));
                callers.shutdownNow();
                callers.awaitTermination(5, TimeUnit.SECONDS);
            }
        }
        return rows.toString();
    }

    private static CircuitBreakerConfig config(Duration cooldown) {
        return CircuitBreakerConfig.builder()
                .scope(Scope.SHARED)
                .cooldown(cooldown)
                .cooldownMax(Duration.ofMinutes(5))
                .trialTimeout(Duration.ofMinutes(5))
                .halfOpenMaxRequests(1)
                .successThreshold(1)
                .build();
    }

    private static String open(int number) {
        return (number % 4 == 0 ? "open-" : "cooled-") + number;
    }

    private static void callBusy(CircuitBreakerManager manager) {
        for (int i = 0; i < 6; i++) {
            manager.getOrCreate("busy-" + nextBusy++ % CIRCUITS).recordSuccess();
        }
    }

    /** One that is admitted is a trial that does not end. */
    private static void callOpen(CircuitBreakerManager manager) {
        for (int i = 0; i < 4; i++) {
            manager.getOrCreate(open(nextOpen++ % CIRCUITS)).tryAcquire();
        }
    }

    private static String row(LocalRedis redis, String load) throws InterruptedException {
        TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
        redis.resetCounters();
        long began = System.nanoTime();
        long before = cpu();
        TimeUnit.SECONDS.sleep(SECONDS);
        double nanos = System.nanoTime() - began;
        double share = 100.0 * (cpu() - before) / nanos;
        double scripts = redis.scripts()[0] / nanos * 1e9;
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | ≤ 5 %% | %.1f %% | %s |%n",
                load,
                scripts,
                share,
                share <= 5 ? "met" : "**missed**");
    }

    /** Of all managers of this process: the others' are at rest. */
    private static long cpu() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().equals("interlock-shared")) {
                sum += threads.getThreadCpuTime(thread.getThreadId());
            }
        }
        if (sum == 0) {
            throw new IllegalStateException("There is no thread interlock-shared");
        }
        return sum;
    }
}
