package dev.interlock.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What a span costs the server, in processor time of its whole process, rows of the log and garbage collection included;
 * and how long a batch that shows a breach takes to open the circuit. {@code benchmarks/traces} runs it and writes {@code
 * docs/traces-cost.md}.
 */
public final class TracesLoad {
    private static final int RUNS = 42;
    private static final int SPANS = RUNS * SpanBytes.OF_A_RUN;
    private static final int WARM_UP_ROUNDS = 4;

    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpPeer server;
    private final String key;
    private final String viewer;
    private int again;

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
        boolean quick = Arrays.asList(arguments).contains("--quick");
        try (HttpPeer server = HttpPeer.server(Path.of(arguments[0]), null)) {
            String page = new TracesLoad(server).page(quick ? 3 : 9, quick ? 20 : 60);
            System.out.println(page);
            if (!quick) {
                Files.writeString(Path.of("docs", "traces-cost.md"), page);
            }
        }
    }

    private String page(int rounds, int batches) throws IOException, InterruptedException {
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
            System.err.printf(Locale.ROOT, "round %d: %.1f µs a span%n", round, each);
            if (round >= 0) {
                micros.add(each);
            }
        }
        List<Double> breaches = new ArrayList<>();
        for (int i = 0; i < 20 * rounds; i++) {
            breaches.add(breach(spans, "broken-" + i));
        }
        Collections.sort(micros);
        Collections.sort(breaches);
        double median = micros.get(micros.size() / 2);
        return String.format(
                Locale.ROOT,
                """
                # What spans cost

                Requests of %d spans as an exporter sends them, protobuf and gzip: runs of agents, each with three calls of a \
                model that bear prompts of 2,000 characters, two calls of tools and six other spans. Processor time of the \
                whole server process as the operating system counts it, rows of the log, compilation and garbage collection \
                included. Written by `benchmarks/traces`; do not edit. The figures are this machine's.

                %s.

                | | median | least | most |
                |---|---|---|---|
                | a span | %.1f µs | %.1f µs | %.1f µs |
                | spans a second a core | %,d | %,d | %,d |
                | from a batch of five failures to the open circuit, as another caller sees it | %.1f ms | %.1f ms | %.1f ms |

                %d rounds of %d requests, %d breaches; %d requests were sent again after a 429.
                """,
                SPANS,
                Machine.describe(),
                median,
                micros.get(0),
                micros.get(micros.size() - 1),
                Math.round(1e6 / median),
                Math.round(1e6 / micros.get(micros.size() - 1)),
                Math.round(1e6 / micros.get(0)),
                breaches.get(breaches.size() / 2),
                breaches.get(0),
                breaches.get(breaches.size() - 1),
                rounds,
                batches,
                breaches.size(),
                again);
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
            again++;
            Thread.sleep(1_000);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }
}
