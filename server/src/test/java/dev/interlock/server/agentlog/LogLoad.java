package dev.interlock.server.agentlog;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program: executions of agents through a real server with SQLite, from HTTP to figures, circuits and rows. Executions
 * have five entries (a decision, two inferences, two tool calls), ten of them a batch. First as many as the server
 * takes (it answers 429 when its database falls behind), then at a
 * steady pace; reported are entries a second, the rows that wait for the database, and how long the last answer takes.
 */
public final class LogLoad {
    private static final int THREADS = 4;
    private static final int BATCHES = 4_000;
    private static final int RUNS_A_BATCH = 10;
    private static final int ENTRIES_A_RUN = 5;
    private static final int AGENTS = 500;
    private static final int STEADY_BATCHES_A_SECOND = 100;
    private static final int STEADY_SECONDS = 30;
    private static final double NANOS = 1e9;

    private LogLoad() {}

    /** Prints a line for each of three rounds at full speed, and one for the steady pace. */
    public static void main(String[] arguments) throws InterruptedException {
        try (RunningServer server =
                new RunningServer(Map.of("requests-per-second", "1000000", "request-burst", "10000000"))) {
            for (int round = 0; round < 3; round++) {
                long start = System.nanoTime();
                send(server, round, BATCHES);
                double seconds = (System.nanoTime() - start) / NANOS;
                double waiting = figure(server, "interlock_log_backlog");
                long drained = System.nanoTime();
                while (figure(server, "interlock_log_backlog") > 0) {
                    Thread.onSpinWait();
                }
                System.out.printf(
                        "at full speed: %,.0f entries/s, %,.0f executions a minute; %,.0f rows wait, written %.1f s later;"
                                + " %,.0f lost%n",
                        BATCHES * RUNS_A_BATCH * ENTRIES_A_RUN / seconds,
                        BATCHES * RUNS_A_BATCH * 60 / seconds,
                        waiting,
                        (System.nanoTime() - drained) / NANOS,
                        figure(server, "interlock_log_rows_lost_total"));
            }
            steady(server);
        }
    }

    private static void steady(RunningServer server) throws InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        long start = System.nanoTime();
        double slowest = 0;
        double waiting = 0;
        for (int i = 0; i < STEADY_BATCHES_A_SECOND * STEADY_SECONDS; i++) {
            long due = start + (long) (i * NANOS / STEADY_BATCHES_A_SECOND);
            while (System.nanoTime() < due) {
                Thread.onSpinWait();
            }
            long sent = System.nanoTime();
            send(client, request(server, 99, i));
            slowest = Math.max(slowest, (System.nanoTime() - sent) / 1e6);
            if (i % STEADY_BATCHES_A_SECOND == 0) {
                waiting = Math.max(waiting, figure(server, "interlock_log_backlog"));
            }
        }
        System.out.printf(
                "%,d executions a minute for %d s: slowest answer %.0f ms, at most %,.0f rows wait, %,.0f lost%n",
                STEADY_BATCHES_A_SECOND * RUNS_A_BATCH * 60,
                STEADY_SECONDS,
                slowest,
                waiting,
                figure(server, "interlock_log_rows_lost_total"));
    }

    private static void send(RunningServer server, int round, int batches) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(THREADS);
        AtomicInteger next = new AtomicInteger();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> {
                HttpClient client = HttpClient.newHttpClient();
                for (int batch = next.getAndIncrement(); batch < batches; batch = next.getAndIncrement()) {
                    send(client, request(server, round, batch));
                }
                done.countDown();
            });
            thread.start();
        }
        done.await();
    }

    private static void send(HttpClient client, HttpRequest request) {
        try {
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            while (answer.statusCode() == 429) {
                TimeUnit.MILLISECONDS.sleep(100);
                answer = client.send(request, BodyHandlers.ofString());
            }
            if (answer.statusCode() != 200
                    || new JsonObject(answer.body()).getInteger("accepted") != RUNS_A_BATCH * ENTRIES_A_RUN) {
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static HttpRequest request(RunningServer server, int round, int batch) {
        JsonArray entries = new JsonArray();
        for (int run = 0; run < RUNS_A_BATCH; run++) {
            for (int i = 0; i < ENTRIES_A_RUN; i++) {
                String id = round + "-" + batch + "-" + run + "-" + i;
                entries.add(new JsonObject()
                        .put("entry_id", "0190f3d2-7c11-" + id)
                        .put("execution_id", "run-" + round + "-" + batch + "-" + run)
                        .put("agent_id", "agent-" + (batch * RUNS_A_BATCH + run) % AGENTS)
                        .put("action_type", i == 0 ? "decision" : i < 3 ? "llm_inference" : "tool_call")
                        .put("action_name", i < 3 ? "kimi-k2" : "search")
                        .put("input_summary", "Compare the three offers and name which one is the cheapest. ".repeat(3))
                        .put("output_summary", "The second one, by a margin of four per cent. ".repeat(3))
                        .put("status", (batch + i) % 50 == 0 ? "failure" : "success")
                        .put("latency_ms", 900 + i)
                        .put("token_count", 812)
                        .put("cost_usd", 0.0031)
                        .put("timestamp", Instant.now().minusSeconds(1)));
            }
        }
        return server.request("/api/v1/logs/batch", "agent@acme")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(new JsonObject()
                        .put("sent_at", Instant.now())
                        .put("entries", entries)
                        .encode()))
                .build();
    }

    private static double figure(RunningServer server, String name) {
        return server.get("/metrics", "viewer@default")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }
}
