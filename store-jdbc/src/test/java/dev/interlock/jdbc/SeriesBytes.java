package dev.interlock.jdbc;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.SeriesRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How much the series of a fleet take: an hour of agents that all call, on a clock driven by hand, in a real SQLite file.
 * Arguments: agents (10000), calls of each a minute (6).
 */
final class SeriesBytes {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final double MIB = 1 << 20;

    private SeriesBytes() {}

    public static void main(String[] arguments) throws IOException {
        int agents = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
        int calls = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 6;
        Path folder = Files.createTempDirectory("interlock-series");
        Path file = folder.resolve("interlock.db");
        ManualTimeSource time = new ManualTimeSource();
        Random random = new Random(7);
        long rows = 0;
        long nanos = 0;
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .executor(Runnable::run)
                .build()) {
            List<Guard> guards = IntStream.range(0, agents)
                    .mapToObj(i -> circuits.guard(CircuitId.of("billing-agent-%05d".formatted(i))))
                    .toList();
            long empty;
            long minutes;
            long all;
            try (HealthMonitor health = HealthMonitor.start(circuits, HealthSettings.defaults(), time, Runnable::run)) {
                try (Database database = Database.open(DatabaseSettings.sqlite(file))) {
                    database.openSeriesHistory(1).close();
                }
                empty = Files.size(file);
                try (Database database = Database.open(DatabaseSettings.sqlite(file));
                        SeriesHistory history = database.openSeriesHistory(1)) {
                    for (int minute = 0; minute < 60; minute++) {
                        for (Guard guard : guards) {
                            for (int i = 0; i < calls; i++) {
                                // From a fifth of a second to some twenty, most of them about two.
                                Duration took =
                                        Duration.ofMillis((long) (2_000 * Math.exp(random.nextGaussian() * 0.8)));
                                guard.record(Outcome.success().took(took), took);
                            }
                        }
                        time.advance(Duration.ofMinutes(1));
                        List<SeriesRow> due = health.series().take(time.wallTime(), minute == 59);
                        long began = System.nanoTime();
                        history.note(due);
                        if (!history.flush(LONG)) {
                            throw new IllegalStateException("Rows were not written in time");
                        }
                        nanos += System.nanoTime() - began;
                        rows += due.size();
                    }
                }
                try (Database database = Database.open(DatabaseSettings.sqlite(file))) {
                    database.connections().read(handle -> handle.execute("VACUUM"));
                }
                all = Files.size(file);
                try (Database database = Database.open(DatabaseSettings.sqlite(file))) {
                    database.connections()
                            .write(handle -> handle.execute("DELETE FROM agent_series WHERE minutes = 60"));
                    database.connections().read(handle -> handle.execute("VACUUM"));
                }
                minutes = Files.size(file);
            }
            System.out.printf(
                    "%,d agents with %d calls a minute each: %,d rows written an hour in %.1f s of writing;"
                            + " minutes %.1f MiB an hour, %.0f MiB for the 26 hours that are kept; hours %.2f MiB an hour,"
                            + " %.0f MiB for 31 days%n",
                    agents,
                    calls,
                    rows,
                    nanos / 1e9,
                    (minutes - empty) / MIB,
                    (minutes - empty) / MIB * 26,
                    (all - minutes) / MIB,
                    (all - minutes) / MIB * 24 * 31);
        }
    }
}
