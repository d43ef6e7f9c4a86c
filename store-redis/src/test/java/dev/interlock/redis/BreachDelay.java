package dev.interlock.redis;

import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.redis.Nodes.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures, and is no test: how long after the breaching failure on one node another one refuses, and how many commands
 * Redis runs for active circuits and for nodes that do nothing. Prints lines for docs/scaling.md.
 */
final class BreachDelay {
    private static final int TRIPS = 1_000;
    private static final int CIRCUITS = 1_000;
    private static final long SECONDS = 10;

    private BreachDelay() {}

    public static void main(String[] arguments) throws InterruptedException {
        try (RedisServer redis = RedisServer.start();
                Nodes nodes = new Nodes(config -> config.failureThreshold(5).cooldown(Duration.ofMinutes(5)))) {
            Node a = nodes.start(redis.url());
            Node b = nodes.start(redis.url());
            delays(a, b);
            print("two nodes that do nothing", commands(redis, () -> {}));
            print(CIRCUITS + " circuits, a call in 100 ms each on one node", commands(redis, () -> load(a, 100)));
            print(CIRCUITS + " circuits, ten calls in 100 ms each on one node", commands(redis, () -> load(a, 10)));
        }
    }

    private static void delays(Node a, Node b) {
        List<Long> delays = new ArrayList<>();
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
            delays.add(System.nanoTime() - breach);
        }
        delays.sort(null);
        System.out.printf(
                Locale.ROOT,
                "breach on A to rejection on B: p50 %.1f ms, p99 %.1f ms, most %.1f ms of %d%n",
                delays.get(TRIPS / 2) / 1e6,
                delays.get(TRIPS * 99 / 100) / 1e6,
                delays.get(TRIPS - 1) / 1e6,
                TRIPS);
    }

    private static void load(Node node, long everyMillis) {
        ScheduledExecutorService calls = Executors.newScheduledThreadPool(1);
        calls.scheduleAtFixedRate(
                () -> {
                    for (int i = 0; i < CIRCUITS; i++) {
                        node.manager.getOrCreate("busy-" + i).recordSuccess();
                    }
                },
                0,
                everyMillis,
                TimeUnit.MILLISECONDS);
        try {
            TimeUnit.SECONDS.sleep(SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        calls.shutdownNow();
    }

    private static double[] commands(RedisServer redis, Runnable load) throws InterruptedException {
        redis.run(commands -> commands.configResetstat());
        long began = System.nanoTime();
        load.run();
        TimeUnit.NANOSECONDS.sleep(TimeUnit.SECONDS.toNanos(SECONDS) - (System.nanoTime() - began));
        double seconds = (System.nanoTime() - began) / 1e9;
        String stats = redis.run(commands -> commands.info("commandstats"));
        Matcher scripts =
                Pattern.compile("cmdstat_evalsha:calls=(\\d+),usec=(\\d+)").matcher(stats);
        return scripts.find()
                ? new double[] {
                    Long.parseLong(scripts.group(1)) / seconds,
                    Double.parseDouble(scripts.group(2)) / Long.parseLong(scripts.group(1))
                }
                : new double[2];
    }

    private static void print(String what, double[] figures) {
        System.out.printf(Locale.ROOT, "%s: %.0f scripts a second, %.1f us each%n", what, figures[0], figures[1]);
    }
}
