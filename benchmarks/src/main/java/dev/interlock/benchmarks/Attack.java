package dev.interlock.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * All attacks that we know at once ({@link Attackers}), from one organization and from nobody, against a server in a
 * process of its own on this machine; and what a quiet organization notices of them: the p95 of its permits before,
 * meanwhile and afterwards, and the memory that the server holds. Ends with 1 if it answers slower than twice as before,
 * or holds more than 1.3 times as much.
 */
public final class Attack {
    private static final double MOST_TIMES_SLOWER = 2;
    private static final double MOST_TIMES_MEMORY = 1.3;
    private static final long QUIET_PAUSE_MILLIS = 20;
    private static final String HEAP = "256m";

    private final HttpPeer server;
    private final HttpClient client = HttpClient.newHttpClient();

    private Attack(HttpPeer server) {
        this.server = server;
    }

    /**
     * Runs it.
     *
     * @param arguments the server's jar, and for how many minutes, ten if left out
     */
    public static void main(String[] arguments) throws Exception {
        double minutes = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 10;
        Duration attack = Duration.ofMillis((long) (minutes * 60_000));
        Duration aside = Duration.ofMillis(Math.min(60_000, attack.toMillis()));
        boolean unharmed;
        try (HttpPeer server = HttpPeer.guarded(Path.of(arguments[0]), HEAP)) {
            unharmed = new Attack(server).run(attack, aside);
        }
        System.exit(unharmed ? 0 : 1); // only now: an exit closes nothing
    }

    private boolean run(Duration attack, Duration aside) throws IOException, InterruptedException {
        String quiet = server.key("quiet", "agent");
        measured(quiet, aside); // to warm up
        long memoryBefore = server.residentKib();
        double before = measured(quiet, aside);
        Process attackers = Attackers.start(
                server.port(),
                server.key("evil", "viewer"),
                server.key("evil", "operator"),
                server.key("evil", "agent"));
        double meanwhile;
        String times;
        try {
            meanwhile = measured(quiet, attack);
            attackers.getOutputStream().close();
            times = attackers.inputReader().readLine();
        } finally {
            attackers.destroyForcibly().waitFor();
        }
        double after = measured(quiet, aside);
        long memoryAfter = server.residentKib();
        System.out.printf(
                Locale.ROOT,
                "permits of a quiet organization, p95: before %.2f ms, under attack %.2f ms, afterwards %.2f ms%n"
                        + "memory of the server: before %,d KiB, afterwards %,d KiB; attacks: %s%n",
                before,
                meanwhile,
                after,
                memoryBefore,
                memoryAfter,
                times);
        return after <= MOST_TIMES_SLOWER * before && memoryAfter <= MOST_TIMES_MEMORY * memoryBefore;
    }

    /** The p95 of permits taken one after the other for a while, in milliseconds. */
    private double measured(String key, Duration time) throws IOException, InterruptedException {
        HttpRequest permit = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/api/v1/circuits/calm/permits"))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        List<Long> took = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        do {
            long began = System.nanoTime();
            int status =
                    client.send(permit, HttpResponse.BodyHandlers.discarding()).statusCode();
            took.add(System.nanoTime() - began);
            if (status != 200) {
                throw new IOException("The quiet organization was answered " + status);
            }
            Thread.sleep(QUIET_PAUSE_MILLIS);
        } while (System.nanoTime() < end);
        took.sort(null);
        return took.get(took.size() * 95 / 100) / 1e6;
    }
}
