package dev.interlock.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long after a stop is requested the last permit comes, on three servers of one Redis that know 100,000 circuits; and
 * whether one comes after the answer, and whether all flow again after the resume. {@code benchmarks/stop} runs it and writes
 * {@code docs/stop.md}. Loopback only; it ends after some minutes.
 */
final class StopLoad implements AutoCloseable {
    private static final int SERVERS = 3;
    private static final int BATCH = 5_000;
    private static final int WARM_UP = 12;
    private static final long TARGET_MILLIS = 250;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final String STOP = "{\"action\":\"stop\",\"covers\":\"organization\"}";
    private static final String RESUME = "{\"action\":\"resume\",\"covers\":\"organization\"}";

    private final int circuits;
    private final int stops;
    private final LocalRedis redis = LocalRedis.start();
    private final List<HttpPeer> servers = new ArrayList<>();
    private final List<Asking> callers = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private final String kept;
    private final Map<HttpPeer, String> operators = new HashMap<>();

    /** Asks one server for permits of agents at random, one after the other, and remembers the last one. */
    private static final class Asking implements AutoCloseable {
        private final HttpClient client = HttpClient.newHttpClient();
        private final AtomicBoolean goesOn = new AtomicBoolean(true);
        private final AtomicLong granted = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();
        private final Thread thread;
        private volatile long lastAskedAt = Long.MIN_VALUE;
        private volatile long lastGrantedAt = Long.MIN_VALUE;

        Asking(int port, String key, int circuits) {
            thread = new Thread(() -> ask(port, key, circuits), "asking-" + port);
            thread.setDaemon(true);
            thread.start();
        }

        private void ask(int port, String key, int circuits) {
            try {
                while (goesOn.get()) {
                    String agent = "agent-" + ThreadLocalRandom.current().nextInt(circuits);
                    HttpRequest request = request(port, "/api/v1/circuits/" + agent + "/permits", key, "{}");
                    long askedAt = System.nanoTime();
                    int status = client.send(request, BodyHandlers.discarding()).statusCode();
                    if (status == 200) {
                        lastAskedAt = askedAt;
                        lastGrantedAt = System.nanoTime();
                        granted.incrementAndGet();
                    } else if (status == 503) {
                        refused.incrementAndGet();
                    } else {
                        throw new IllegalStateException("status " + status);
                    }
                }
            } catch (IOException gone) {
                return; // the server has ended
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            goesOn.set(false);
        }
    }

    private StopLoad(Path jar, boolean quick, @Nullable String database) throws IOException, InterruptedException {
        circuits = quick ? 2_000 : 100_000;
        stops = quick ? 10 : 200;
        kept = database == null ? "an SQLite file each" : "one PostgreSQL";
        for (int i = 0; i < SERVERS; i++) {
            servers.add(HttpPeer.sharing(jar, redis.url(), database));
        }
    }

    /**
     * Measures, prints, and unless it was only to take a look writes the page.
     *
     * @param arguments the servers' jar, then {@code --quick}, or {@code --database} and its URL
     */
    public static void main(String[] arguments) throws Exception {
        List<String> given = new ArrayList<>(List.of(arguments));
        int option = given.indexOf("--database");
        String database = option < 0 ? null : given.remove(option + 1);
        given.remove("--database");
        boolean quick = Flags.of(given.toArray(String[]::new), 1, "--quick").has("--quick");
        try (StopLoad load = new StopLoad(Path.of(arguments[0]), quick, database)) {
            String page = load.run();
            System.out.println(page);
            if (!quick) {
                Files.writeString(Path.of("docs", "stop.md"), page);
            }
        }
    }

    private String run() throws IOException, InterruptedException {
        for (HttpPeer server : servers) {
            key(server); // before the first stop is timed
            String key = server.agentKey();
            fill(server, key);
            callers.add(new Asking(server.port(), key, circuits));
        }
        double[] last = new double[stops];
        double[] answered = new double[stops];
        double[] flowing = new double[stops];
        long late = 0;
        long incomplete = 0;
        for (int i = -WARM_UP; i < stops; i++) {
            flow();
            LockSupport.parkNanos(
                    TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(60)));
            HttpPeer asked = servers.get((i + WARM_UP) % SERVERS);
            long began = System.nanoTime();
            boolean complete = act(asked, STOP).contains("\"complete\":true");
            long acknowledged = System.nanoTime();
            settle();
            long grantedAt =
                    callers.stream().mapToLong(each -> each.lastGrantedAt).max().orElseThrow();
            long after = callers.stream()
                    .filter(each -> each.lastAskedAt > acknowledged)
                    .count();
            long resumed = System.nanoTime();
            act(servers.get((i + WARM_UP + 1) % SERVERS), RESUME);
            flow();
            if (i >= 0) {
                last[i] = Math.max(0, (grantedAt - began) / 1e6);
                answered[i] = (acknowledged - began) / 1e6;
                flowing[i] = (System.nanoTime() - resumed) / 1e6;
                incomplete += complete ? 0 : 1;
                late += complete ? after : 0;
            }
        }
        return page(last, answered, flowing, late, incomplete);
    }

    /** Each server knows all circuits, as one does that has served them. */
    private void fill(HttpPeer server, String key) throws IOException, InterruptedException {
        for (int first = 0; first < circuits; first += BATCH) {
            StringBuilder batch = new StringBuilder();
            for (int i = first; i < Math.min(circuits, first + BATCH); i++) {
                batch.append(i == first ? "[" : ",")
                        .append("{\"agent_id\":\"agent-")
                        .append(i)
                        .append("\",\"outcome\":\"success\"}");
            }
            send(request(
                    server.port(), "/api/v1/outcomes", key, batch.append(']').toString()));
        }
    }

    /** Waits until each server gives permits. */
    private void flow() {
        long[] before = callers.stream().mapToLong(each -> each.granted.get()).toArray();
        await(() -> {
            for (int i = 0; i < before.length; i++) {
                if (callers.get(i).granted.get() < before[i] + 3) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Waits until each server has refused several calls that began after now. */
    private void settle() {
        long[] before = callers.stream().mapToLong(each -> each.refused.get()).toArray();
        await(() -> {
            for (int i = 0; i < before.length; i++) {
                if (callers.get(i).refused.get() < before[i] + 10) {
                    return false;
                }
            }
            return true;
        });
    }

    private static void await(BooleanSupplier done) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("The servers do not stop, or do not go on, in time");
            }
            LockSupport.parkNanos(500_000);
        }
    }

    private String act(HttpPeer server, String body) throws IOException, InterruptedException {
        return send(request(server.port(), "/api/v1/actions", key(server), body));
    }

    /** Servers with a database each have keys of their own. */
    private String key(HttpPeer server) throws IOException, InterruptedException {
        String known = operators.get(server);
        if (known == null) {
            known = server.key("default", "operator");
            operators.put(server, known);
        }
        return known;
    }

    private String send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    private static HttpRequest request(int port, String path, String key, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private String page(double[] last, double[] answered, double[] flowing, long late, long incomplete) {
        double p99 = quantile(last, 0.99);
        return String.format(
                Locale.ROOT,
                """
                # How fast a fleet stops

                %d times somebody stops an organization on one of %d servers of one Redis (%s; %s for what is kept), and resumes on another. Each server knows %,d circuits, and a caller asks each for permits of agents at random, one after the other. Everything runs on one machine. Written by `benchmarks/stop`; do not edit. What a stop is: [gates](gates.md).

                %s.

                | | half | 99 %% | all | target | |
                |---|---:|---:|---:|---|---|
                | the last permit has arrived, after the request was sent | %.1f ms | %.1f ms | %.1f ms | 99 %% ≤ %d ms | %s |
                | the answer has arrived | %.1f ms | %.1f ms | %.1f ms | | |
                | each server gives permits again, after the resume was sent | %.1f ms | %.1f ms | %.1f ms | | |

                | | | target | |
                |---|---:|---|---|
                | permits of calls that began after an answer that all had confirmed | %d | 0 | %s |
                | answers, after a second, in which one had not confirmed | %d of %d | | |
                """,
                stops,
                SERVERS,
                redis.version(),
                kept,
                circuits,
                Machine.describe(),
                quantile(last, 0.5),
                p99,
                quantile(last, 1),
                TARGET_MILLIS,
                p99 <= TARGET_MILLIS ? "met" : "**missed**",
                quantile(answered, 0.5),
                quantile(answered, 0.99),
                quantile(answered, 1),
                quantile(flowing, 0.5),
                quantile(flowing, 0.99),
                quantile(flowing, 1),
                late,
                late == 0 ? "met" : "**missed**",
                incomplete,
                stops);
    }

    private static double quantile(double[] values, double part) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        return sorted[(int) Math.min(sorted.length - 1L, Math.round(part * (sorted.length - 1)))];
    }

    @Override
    public void close() throws IOException {
        callers.forEach(Asking::close);
        for (HttpPeer server : servers) {
            server.close();
        }
        redis.close();
    }
}
