package dev.interlock.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What guarding over HTTP costs the server: processor time of its whole process a call, as the operating system counts it,
 * over that of a bare Vert.x JSON echo in a process of its own. Rounds of the two alternate, so that what disturbs the
 * machine disturbs both. {@code benchmarks/http} runs it and writes {@code docs/http.md}.
 */
final class HttpLoad implements AutoCloseable {
    private static final String AGENT = "/api/v1/circuits/planner";
    private static final String ECHOED = "{\"permit\":\"" + "x".repeat(120) + "\",\"outcome\":\"success\"}";
    private static final int BATCH = 1_000;
    private static final int WARM_UP_ROUNDS = 4;

    private final int calls;
    private final int rounds;
    private final boolean tokens;
    private final @Nullable LocalRedis redis;
    private final HttpPeer server;
    private final HttpPeer echo;
    private final HttpCaller caller;

    private HttpLoad(Path jar, boolean quick, boolean shared, boolean tokens)
            throws IOException, InterruptedException, GeneralSecurityException {
        this.tokens = tokens;
        calls = quick ? 20_000 : 40_000;
        rounds = quick ? 3 : 9;
        redis = shared ? LocalRedis.start() : null;
        server = HttpPeer.server(jar, redis == null ? null : redis.url());
        String key = tokens ? HttpPeer.agentToken() : server.agentKey();
        echo = HttpPeer.echo(key);
        caller = new HttpCaller(key);
    }

    /**
     * Measures, prints, and unless it was only to take a look writes the page.
     *
     * @param arguments the server's jar, then {@code --quick} and {@code --redis}
     */
    public static void main(String[] arguments) throws Exception {
        Flags flags = Flags.of(arguments, 1, "--quick", "--redis");
        boolean quick = flags.has("--quick");
        boolean shared = flags.has("--redis");
        StringBuilder page = new StringBuilder(introduction(shared));
        for (boolean tokens : new boolean[] {false, true}) {
            try (HttpLoad load = new HttpLoad(Path.of(arguments[0]), quick, shared, tokens)) {
                page.append(load.section());
            }
        }
        System.out.println(page);
        if (!quick && !shared) {
            Files.writeString(Path.of("docs", "http.md"), page);
        }
    }

    private String section() throws InterruptedException {
        List<Double> echoes = new ArrayList<>();
        List<Double> permits = new ArrayList<>();
        List<Double> outcomes = new ArrayList<>();
        List<Double> batches = new ArrayList<>();
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            String[] bodies = new String[calls];
            Arrays.fill(bodies, ECHOED);
            double bare = micros(echo, "/", bodies, calls);
            Arrays.fill(bodies, "{}");
            double permit = micros(server, AGENT + "/permits", bodies, calls);
            List<String> given = caller.answers();
            double outcome = micros(server, AGENT + "/outcomes", settlements(given), calls);
            micros(server, AGENT + "/permits", bodies, calls);
            double batch = micros(server, "/api/v1/outcomes", together(settlements(caller.answers())), calls);
            System.err.printf(
                    Locale.ROOT,
                    "%s: echo %.1f µs, permit %.2f ×, outcome %.2f ×, in batches %.2f ×%n",
                    round < 0 ? "warm-up" : "round " + (round + 1) + " of " + rounds,
                    bare,
                    permit / bare,
                    outcome / bare,
                    batch / bare);
            if (round >= 0) {
                echoes.add(bare);
                permits.add(permit);
                outcomes.add(outcome);
                batches.add(batch);
            }
        }
        return table(echoes, permits, outcomes, batches);
    }

    /** Processor time of a process a call, in microseconds. */
    private double micros(HttpPeer peer, String path, String[] bodies, int counted) throws InterruptedException {
        long before = peer.cpuNanos();
        caller.call(peer.port(), path, bodies);
        return (peer.cpuNanos() - before) / 1e3 / counted;
    }

    private static String[] settlements(List<String> answers) {
        return answers.stream()
                .map(answer ->
                        "{\"permit\":\"" + field(answer, "permit") + "\",\"outcome\":\"success\",\"duration_ms\":12}")
                .toArray(String[]::new);
    }

    private static String field(String json, String name) {
        int begin = json.indexOf('"' + name + "\":\"") + name.length() + 4;
        return json.substring(begin, json.indexOf('"', begin));
    }

    private static String[] together(String[] settlements) {
        List<String> batches = new ArrayList<>();
        for (int from = 0; from < settlements.length; from += BATCH) {
            batches.add("["
                    + String.join(
                            ",", Arrays.asList(settlements).subList(from, Math.min(from + BATCH, settlements.length)))
                    + "]");
        }
        return batches.toArray(String[]::new);
    }

    private static String introduction(boolean shared) {
        return "# What guarding over HTTP costs\n\n"
                + "Processor time of the whole server process a call, as the operating system counts it (garbage collection"
                + " and compilation included), compared with a bare Vert.x JSON echo in a process of its own that looks its caller's"
                + " credential up in a map. Each has one event loop; 16 connections keep them busy in turns. Written by"
                + " `benchmarks/http`; do not edit. Compare ratios: the figures are this machine's.\n\n"
                + Machine.describe()
                + (shared ? "; settled permits shared through Redis" : "")
                + ".\n";
    }

    private String table(List<Double> echo, List<Double> permit, List<Double> outcome, List<Double> batch) {
        StringBuilder text = new StringBuilder();
        text.append(tokens ? "\n## With a JSON Web Token\n\n" : "\n## With an API key\n\n")
                .append("| call | CPU, µs, median of " + rounds
                        + " | × echo, median | × echo, least to greatest | target | |\n")
                .append("|---|---:|---:|---:|---|---|\n");
        row(text, "bare echo", echo, echo, 0);
        row(text, "`POST …/permits`", permit, echo, 2);
        row(text, "`POST …/outcomes`", outcome, echo, 2);
        row(text, "an outcome in a batch of 1,000", batch, echo, 0);
        text.append(String.format(
                Locale.ROOT,
                "%nIn batches a core takes %,.0f outcomes with permits a second (target 200,000%s).%n",
                1e6 / median(batch),
                1e6 / median(batch) >= 200_000 ? ", met" : ", **missed**"));
        return text.toString();
    }

    private static void row(StringBuilder text, String what, List<Double> micros, List<Double> echo, int target) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < micros.size(); i++) {
            ratios.add(micros.get(i) / echo.get(i));
        }
        double ratio = median(ratios);
        text.append(String.format(
                Locale.ROOT,
                "| %s | %.1f | %.2f | %.2f to %.2f | %s | %s |%n",
                what,
                median(micros),
                ratio,
                Collections.min(ratios),
                Collections.max(ratios),
                target == 0 ? "" : "≤ " + target,
                target == 0 ? "" : ratio <= target ? "met" : "**missed**"));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    @Override
    public void close() throws IOException {
        caller.close();
        echo.close();
        server.close();
        if (redis != null) {
            redis.close();
        }
    }
}
