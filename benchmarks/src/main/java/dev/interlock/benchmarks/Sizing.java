package dev.interlock.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a server needs for fleets of several sizes: memory, processor time, disk, and the time of its start with all agents
 * known. {@code benchmarks/sizing} runs it and writes the table of {@code docs/operations/sizing.md}. Loopback only; it ends
 * after some ten minutes.
 */
final class Sizing {
    private static final Path PAGE = Path.of("docs", "operations", "sizing.md");
    private static final String BEGIN = "<!-- measured -->\n";
    private static final String END = "<!-- end of measured -->\n";
    private static final int BATCH = 500;
    private static final int UPSTREAMS = 20;
    private static final double MIB = 1 << 20;

    /** How many agents, with which heap. */
    private record Size(int agents, String heap) {}

    private final Path jar;
    private final int seconds;
    private final HttpClient client = HttpClient.newHttpClient();

    private Sizing(Path jar, int seconds) {
        this.jar = jar;
        this.seconds = seconds;
    }

    /**
     * Measures, prints, and unless it was only to take a look writes the page.
     *
     * @param arguments the server's jar, then {@code --quick}
     */
    public static void main(String[] arguments) throws Exception {
        boolean quick = Flags.of(arguments, 1, "--quick").has("--quick");
        List<Size> sizes = quick
                ? List.of(new Size(1_000, "256m"))
                : List.of(new Size(1_000, "256m"), new Size(10_000, "512m"), new Size(100_000, "2g"));
        Sizing sizing = new Sizing(Path.of(arguments[0]), quick ? 10 : 120);
        StringBuilder table = new StringBuilder(Machine.describe())
                .append(
                        ".\n\n| agents | heap (`-Xmx`) | lives on the heap | resident | one call a minute each | disk after that"
                                + " | start, all agents known |\n|---|---|---|---|---|---|---|\n");
        for (Size size : sizes) {
            String row = sizing.row(size);
            System.err.print(row);
            table.append(row);
        }
        System.out.println(table);
        if (!quick) {
            String page = Files.readString(PAGE);
            Files.writeString(
                    PAGE,
                    page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
                            + table
                            + page.substring(page.indexOf(END)));
        }
    }

    private String row(Size size) throws Exception {
        Path data = Files.createTempDirectory("interlock-sizing");
        try {
            double live;
            double resident;
            double share;
            try (HttpPeer server = HttpPeer.kept(jar, size.heap(), data)) {
                String key = server.agentKey();
                for (int from = 0; from < size.agents(); from += BATCH) {
                    report(server, key, from, Math.min(BATCH, size.agents() - from));
                }
                share = steady(server, key, size.agents());
                live = server.liveBytes() / MIB;
                resident = server.residentKib() / 1024.0;
            }
            double disk = bytes(data) / MIB;
            double start;
            double cpu;
            long began = System.nanoTime();
            try (HttpPeer again = HttpPeer.kept(jar, size.heap(), data)) {
                start = (System.nanoTime() - began) / 1e9;
                cpu = again.cpuNanos() / 1e9;
            }
            return String.format(
                    Locale.ROOT,
                    "| %,d | %s | %.0f MiB | %.0f MiB | %.1f %% of a processor | %.0f MiB | %.1f s, %.1f s of processor"
                            + " time |%n",
                    size.agents(),
                    size.heap(),
                    live,
                    resident,
                    share * 100,
                    disk,
                    start,
                    cpu);
        } finally {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }

    /** What a processor does for it while each agent calls once a minute, by the clock. */
    private double steady(HttpPeer server, String key, int agents) throws Exception {
        double perSecond = agents / 60.0;
        long began = System.nanoTime();
        long cpu = server.cpuNanos();
        int agent = 0;
        long sent = 0;
        while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(seconds)) {
            long due = (long) ((System.nanoTime() - began) / 1e9 * perSecond);
            int count = (int) Math.min(due - sent, BATCH);
            if (count > 0) {
                report(server, key, agent, Math.min(count, agents - agent));
                sent += Math.min(count, agents - agent);
                agent = (agent + Math.min(count, agents - agent)) % agents;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return (double) (server.cpuNanos() - cpu) / (System.nanoTime() - began);
    }

    /** Every fiftieth call fails; each is one of an agent and of one of some models. */
    private void report(HttpPeer server, String key, int from, int count) throws Exception {
        StringBuilder body = new StringBuilder();
        for (int agent = from; agent < from + count; agent++) {
            String outcome = agent % 50 == 0 ? "failure\",\"kind\":\"ERROR" : "success";
            for (String circuit : List.of("agent-" + agent, "model:m-" + agent % UPSTREAMS)) {
                body.append("{\"agent_id\":\"").append(circuit);
                body.append("\",\"outcome\":\"").append(outcome).append("\",\"duration_ms\":800}\n");
            }
        }
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/api/v1/outcomes"))
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", "application/x-ndjson")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
