package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A million circuits, ten thousand of them open, in JVMs with 512 MiB of heap: made again, restored from an SQLite file,
 * and listed. {@code benchmarks/million} runs it and writes {@code docs/million.md}.
 */
final class Million {
    private static final int CIRCUITS = 1_000_000;
    private static final int OPEN = 10_000;
    private static final int BATCH = 10_000;
    private static final String HEAP = "-Xmx512m";
    private static final int LISTS = 20;

    private Million() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "build" -> build();
            case "restore" -> restore(Path.of(arguments[1]));
            default -> measure();
        }
    }

    private static void measure() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("interlock-million");
        try {
            Path file = folder.resolve("interlock.db");
            System.err.println("Writing " + CIRCUITS + " circuits to " + file + " …");
            fill(file);
            long size = Files.size(file);
            List<String> rows = new ArrayList<>();
            rows.addAll(inItsOwnProcess("build"));
            rows.addAll(inItsOwnProcess("restore", file.toString()));
            String page = page(rows, size);
            System.out.println(page);
            Files.writeString(Path.of("docs", "million.md"), page);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
    }

    private static void fill(Path file) {
        Instant now = Instant.now();
        try (Database database = Database.open(DatabaseSettings.sqlite(file))) {
            List<CircuitChange> changes = new ArrayList<>();
            for (int i = 0; i < CIRCUITS; i++) {
                boolean open = i % (CIRCUITS / OPEN) == 0;
                changes.add(CircuitChange.of(record("agent-" + i, open, now)));
                if (changes.size() == BATCH) {
                    database.circuits().write(changes);
                    changes.clear();
                }
            }
        }
    }

    private static CircuitRecord record(String name, boolean open, Instant now) {
        return new CircuitRecord(
                "default",
                name,
                open ? "open" : "closed",
                4_294_967_296L,
                open ? 5 : 0,
                12,
                open ? 5 : 0,
                1,
                0,
                now,
                now,
                open ? now : null,
                open ? now.plusSeconds(3_600) : null,
                false,
                null,
                null,
                null,
                "default",
                1);
    }

    private static List<String> inItsOwnProcess(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                Million.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed");
        }
        return output.lines().filter(line -> line.startsWith("|")).toList();
    }

    private static void build() {
        long began = System.nanoTime();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .maxCircuitsPerOrganization(CIRCUITS)
                .build()) {
            for (int i = 0; i < CIRCUITS; i++) {
                circuits.getOrCreate(CircuitId.of("agent-" + i));
            }
            row("build a million circuits", "fits " + HEAP, seconds(began) + " s, " + usedHeap() + " MiB used");
        }
    }

    private static void restore(Path file) {
        long began = System.nanoTime();
        try (Database database = Database.open(DatabaseSettings.sqlite(file));
                CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                        .store(database.circuits())
                        .maxCircuitsPerOrganization(CIRCUITS)
                        .build()) {
            row("restore from disk", "≤ 10 s", seconds(began) + " s until " + circuits.size() + " open ones are back");
            for (int i = 0; i < CIRCUITS; i++) {
                circuits.getOrCreate(CircuitId.of("agent-" + i));
            }
            row("all million in use after that", "fits " + HEAP, usedHeap() + " MiB used");
            row("list the open ones", "costs what is open", list(circuits, true) + " ms");
            row("list all, for comparison", "", list(circuits, false) + " ms");
        }
    }

    private static String list(CircuitBreakerManager circuits, boolean open) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < LISTS; i++) {
            long began = System.nanoTime();
            long found = (open ? circuits.snapshotsNotClosed() : circuits.snapshots()).count();
            long mapped = (open ? circuits.snapshotsNotClosed() : circuits.snapshots())
                    .filter(circuit -> circuit.epoch() > 0)
                    .count();
            best = Math.min(best, System.nanoTime() - began);
            if (found == 0 || mapped == 0) {
                throw new IllegalStateException("There is nothing to list");
            }
        }
        return String.format(Locale.ROOT, "%.1f", best / 2e6);
    }

    private static void row(String figure, String target, String measured) {
        System.out.println("| " + figure + " | " + target + " | " + measured + " |");
    }

    private static String seconds(long began) {
        return String.format(Locale.ROOT, "%.2f", (System.nanoTime() - began) / 1e9);
    }

    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least >> 20;
    }

    private static String page(List<String> rows, long size) {
        return String.format(Locale.ROOT, """
                # A million circuits

                A million circuits, ten thousand of them open, each step in a JVM of its own with `%s`. Written by `benchmarks/million`; do not edit.

                %s.

                | figure | target | measured |
                |---|---|---|
                %s

                The SQLite file has %d MiB. Circuits that are closed and clean are not read at the start: a new one looks the same, and its epoch is above theirs.
                """, HEAP, Machine.describe(), String.join("\n", rows), size >> 20);
    }
}
