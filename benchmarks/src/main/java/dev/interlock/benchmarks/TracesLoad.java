package dev.interlock.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What a span costs the server, in processor time of its whole process, garbage collection included;
 * and how long a batch that shows a breach takes to open the circuit. {@code benchmarks/traces} runs it and writes {@code
 * docs/traces-cost.md}.
 */
public final class TracesLoad {
    private static final int RUNS = 42;
    private static final int SPANS = RUNS * SpanBytes.OF_A_RUN;
    private static final int WARM_UP_ROUNDS = 4;
    private static final int BREACHES = 20;
    private static final int KEEPS_ALL = 20_000;

    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpPeer server;
    private final String key;
    private final String viewer;

    private TracesLoad(HttpPeer server) throws IOException, InterruptedException {
        this.server = server;
        this.key = server.agentKey();
        this.viewer = server.key("default", "viewer");
    }

    /**
     * Measures, prints, and unless it was only to take a look writes the page.
     *
     * @param arguments the server's jar, then {@code --quick}
     */
    public static void main(String[] arguments) throws Exception {
        boolean quick = Flags.of(arguments, 1, "--quick").has("--quick");
        int rounds = quick ? 3 : 9;
        int batches = quick ? 20 : 60;
        StringBuilder page = new StringBuilder(introduction(rounds, batches));
        for (boolean keeps : new boolean[] {true, false}) {
            try (HttpPeer server = HttpPeer.logging(Path.of(arguments[0]), keeps ? KEEPS_ALL : 1)) {
                page.append(new TracesLoad(server)
                        .rows(keeps ? "its row in the log stored" : "beyond the log's quota", rounds, batches));
            }
        }
        System.out.println(page);
        if (!quick) {
            Files.writeString(Path.of("docs", "traces-cost.md"), page);
        }
    }

    private static String introduction(int rounds, int batches) {
        return "# What spans cost\n\n"
                + "Requests of " + SPANS
                + " spans as an exporter sends them, protobuf and gzip: runs of agents, each with three calls of a"
                + " model that bear prompts of 2,000 characters, two calls of tools and six other spans. Half of the"
                + " spans are rows of the log. Processor time of the whole server process as the operating system"
                + " counts it, compilation and garbage collection included: once with all rows stored in SQLite, and"
                + " once beyond the quota of the log, where spans count and no row is stored. Written by"
                + " `benchmarks/traces`; do not edit. The figures are this machine's.\n\n"
                + Machine.describe() + ". " + rounds + " rounds of " + batches + " requests, and " + BREACHES * rounds
                + " breaches.\n\n| | median | least | most |\n|---|---|---|---|\n";
    }

    private String rows(String what, int rounds, int batches) throws IOException, InterruptedException {
        List<Double> micros = new ArrayList<>();
        SpanBytes spans = new SpanBytes(1);
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            List<byte[]> bodies = new ArrayList<>();
            for (int i = 0; i < batches; i++) {
                bodies.add(spans.request(RUNS));
            }
            long before = server.cpuNanos();
            for (byte[] each : bodies) {
                send(each);
            }
            double each = (server.cpuNanos() - before) / 1e3 / batches / SPANS;
            System.err.printf(Locale.ROOT, "%s, round %d: %.1f µs a span%n", what, round, each);
            if (round >= 0) {
                micros.add(each);
            }
        }
        List<Double> breaches = new ArrayList<>();
        for (int i = 0; i < BREACHES * rounds; i++) {
            breaches.add(breach(spans, "broken-" + i));
        }
        Collections.sort(micros);
        List<Double> aSecond = micros.stream().map(each -> 1e6 / each).sorted().toList();
        Collections.sort(breaches);
        return row("a span, " + what, "%.1f µs", micros)
                + row("spans a second a core, " + what, "%,.0f", aSecond)
                + row(
                        "from a batch of five failures to the open circuit, as another caller sees it",
                        "%.1f ms",
                        breaches);
    }

    private static String row(String what, String format, List<Double> sorted) {
        String pattern = "| %s | " + format + " | " + format + " | " + format + " |%n";
        return String.format(
                Locale.ROOT,
                pattern,
                what,
                sorted.get(sorted.size() / 2),
                sorted.get(0),
                sorted.get(sorted.size() - 1));
    }

    /** Milliseconds from before a batch is sent until its circuit is seen open. */
    private double breach(SpanBytes spans, String model) throws IOException, InterruptedException {
        byte[] body = spans.failures(model, 5);
        long start = System.nanoTime();
        send(body);
        while (true) {
            HttpRequest request = HttpRequest.newBuilder(uri("/api/v1/circuits/model:" + model))
                    .header("Authorization", "Bearer " + viewer)
                    .build();
            String circuit =
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            double millis = (System.nanoTime() - start) / 1e6;
            if (circuit.contains("\"state\":\"open\"")) {
                return millis;
            }
            if (millis > 10_000) {
                throw new IOException("The circuit did not open: " + circuit);
            }
        }
    }

    private void send(byte[] body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri("/v1/traces"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/x-protobuf")
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        while (true) {
            HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() == 200 && answer.body().length == 0) {
                return;
            }
            if (answer.statusCode() != 429) {
                throw new IOException("The server answered " + answer.statusCode() + " "
                        + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
            }
            Thread.sleep(1_000);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }
}
