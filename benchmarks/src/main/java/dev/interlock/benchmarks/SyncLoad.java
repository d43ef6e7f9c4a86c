package dev.interlock.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What clients that decide locally cost one server: memory and processor time of its process while they join, while nothing
 * happens, while circuits move and while they report; and how long a move takes to reach them. {@code benchmarks/sync} runs it
 * and writes {@code docs/sync.md}. Loopback only; it ends after some minutes.
 */
final class SyncLoad implements AutoCloseable {
    private static final int OUTCOMES = 10;
    private static final int PATIENCE_SECONDS = 60;
    private static final double MIB = 1 << 20;
    private static final String HEAP = "512m";

    private final int size;
    private final int idleSeconds;
    private final int moves;
    private final int reports;
    private final HttpPeer server;
    private final String operator;
    private final SyncFleet fleet;
    private final HttpClient client = HttpClient.newHttpClient();
    private final StringBuilder page = new StringBuilder();

    private SyncLoad(Path jar, boolean quick) throws IOException, InterruptedException {
        size = quick ? 200 : 2_000;
        idleSeconds = quick ? 10 : 60;
        moves = quick ? 5 : 40;
        reports = quick ? 2 : 10;
        server = HttpPeer.guarded(jar, HEAP);
        operator = server.key("default", "operator");
        fleet = new SyncFleet(server.port(), server.agentKey(), size);
    }

    /**
     * Measures, prints, and unless it was only to take a look writes the page.
     *
     * @param arguments the server's jar, then {@code --quick}
     */
    public static void main(String[] arguments) throws Exception {
        boolean quick = Flags.of(arguments, 1, "--quick").has("--quick");
        try (SyncLoad load = new SyncLoad(Path.of(arguments[0]), quick)) {
            load.run();
            System.out.println(load.page);
            if (!quick) {
                Files.writeString(Path.of("docs", "sync.md"), load.page);
            }
        }
    }

    private void run() throws IOException, InterruptedException {
        introduction();
        long heap = server.liveBytes();
        long resident = server.residentKib();
        long cpu = server.cpuNanos();
        long began = System.nanoTime();
        fleet.join();
        row("all join", "%.1f s, %.1f s of processor time", seconds(System.nanoTime() - began), cpuSince(cpu));
        TimeUnit.SECONDS.sleep(5); // what was compiled and thrown away meanwhile
        long joined = server.liveBytes() - heap;
        row(
                "memory of all clients",
                "%.1f MiB of live heap, %.1f KiB a client; %.0f MiB more resident (%.0f MiB in all, with a heap of "
                        + HEAP + ")",
                joined / MIB,
                joined / 1024.0 / size,
                (server.residentKib() - resident) / 1024.0,
                server.residentKib() / 1024.0);
        idle();
        moved("one of the circuits that all watch moves", SyncFleet.shared(0), size);
        moved("a circuit that one client watches moves", SyncFleet.own(7, 7), 1);
        report();
        fleet.check();
    }

    private void idle() throws IOException, InterruptedException {
        long cpu = server.cpuNanos();
        long answered = fleet.answers();
        TimeUnit.SECONDS.sleep(idleSeconds);
        row(
                "nothing happens",
                "%.1f requests a second, one in %.1f s a client; %.2f %% of a processor",
                (fleet.answers() - answered) / (double) idleSeconds,
                size * (double) idleSeconds / Math.max(1, fleet.answers() - answered),
                100 * cpuSince(cpu) / idleSeconds);
    }

    /** From the moment at which the override is sent until a client has read the answer to its poll. */
    private void moved(String what, String circuit, int watchers) throws IOException, InterruptedException {
        List<Double> each = new ArrayList<>();
        List<Double> last = new ArrayList<>();
        long cpu = server.cpuNanos();
        for (int i = 0; i < moves; i++) {
            long[] heardAt = new long[watchers];
            CountDownLatch left = new CountDownLatch(watchers);
            fleet.hearer((name, when) -> {
                if (name.equals(circuit)) {
                    synchronized (left) {
                        int place = (int) left.getCount() - 1;
                        if (place >= 0) {
                            heardAt[place] = when;
                            left.countDown();
                        }
                    }
                }
            });
            long began = System.nanoTime();
            act(circuit, i % 2 == 0 ? "hold_open" : "hold_closed");
            if (!left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(left.getCount() + " clients never heard of " + circuit);
            }
            double longest = 0;
            for (long when : heardAt) {
                each.add(millis(when - began));
                longest = Math.max(longest, millis(when - began));
            }
            last.add(longest);
            TimeUnit.MILLISECONDS.sleep(200); // all wait again
        }
        fleet.hearer((name, when) -> {});
        row(
                what + " (" + moves + " times)",
                "heard after %.1f ms (median), %.1f ms (p99); by all of them after %.1f ms (median), %.1f ms (longest);"
                        + " %.0f µs of processor time a client that hears it",
                quantile(each, 0.5),
                quantile(each, 0.99),
                quantile(last, 0.5),
                quantile(last, 1),
                cpuSince(cpu) * 1e6 / moves / watchers);
    }

    private void report() throws InterruptedException {
        fleet.report(1, OUTCOMES);
        long cpu = server.cpuNanos();
        long began = System.nanoTime();
        for (int i = 0; i < reports; i++) {
            fleet.report(2 + i, OUTCOMES);
        }
        double count = (double) reports * size;
        row(
                "each reports " + OUTCOMES + " outcomes that depend on a model (" + reports + " times)",
                "%.0f reports a second as fast as it goes; %.0f µs of processor time a report, %.1f µs an outcome",
                count / seconds(System.nanoTime() - began),
                cpuSince(cpu) * 1e6 / count,
                cpuSince(cpu) * 1e6 / count / OUTCOMES);
    }

    private void act(String circuit, String action) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + server.port() + "/api/v1/circuits/" + circuit + "/action"))
                        .header("Authorization", "Bearer " + operator)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"action\":\"" + action + "\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(answer.body());
        }
    }

    private void introduction() {
        page.append("# What clients that decide locally cost\n\n")
                .append(String.format(
                        Locale.ROOT,
                        "%,d clients of one key watch %d circuits each, %d of which all of them watch (%,d circuits in"
                                + " all), by [`POST /api/v1/sync`](api.md#clients-that-decide-locally); one server with"
                                + " its defaults and an SQLite file, on loopback, with the clients on the same machine."
                                + " Processor time is the server process's, as the operating system counts it; an override"
                                + " is durable before it is answered. Written by `benchmarks/sync`; do not edit.%n%n",
                        size,
                        SyncFleet.SHARED + SyncFleet.OWN,
                        SyncFleet.SHARED,
                        SyncFleet.SHARED + size * SyncFleet.OWN))
                .append(Machine.describe())
                .append(".\n\n| | |\n|---|---|\n");
    }

    private void row(String what, String figures, Object... values) {
        String row = "| " + what + " | " + String.format(Locale.ROOT, figures, values) + " |\n";
        System.err.print(row);
        page.append(row);
    }

    private double cpuSince(long before) {
        return seconds(server.cpuNanos() - before);
    }

    private static double quantile(List<Double> values, double part) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[(int) Math.min(sorted.length - 1L, Math.round(part * sorted.length))];
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    @Override
    public void close() throws IOException {
        fleet.close();
        server.close();
    }
}
