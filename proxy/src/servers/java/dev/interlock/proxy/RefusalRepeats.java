package dev.interlock.proxy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * How often a client, as its makers set it up, repeats a call: one that the proxy refuses, by the status of the refusal; and
 * the last ones of an upstream that breaks down.
 */
public final class RefusalRepeats {
    /** What a refusal's status might be. */
    public static final List<Integer> STATUSES = List.of(403, 409, 424, 429, 503, 529);

    private static final String MODEL = "model:m";
    private static final String TOOL = "tool:up";
    private static final long PATIENCE = 120;

    /** A client of a provider. */
    @FunctionalInterface
    public interface Client {
        /**
         * Asks the model {@code m}, or an MCP server, once; whatever it throws is fine.
         *
         * @param address without {@code /v1} or {@code /mcp}
         * @param key to be sent
         */
        void ask(String address, String key) throws Exception;
    }

    /** A client, and what it speaks. */
    public record Asked(Api api, Client client) {}

    private RefusalRepeats() {}

    /** What was counted of one client. */
    public record Row(List<String> repeats, int afterOpening) {}

    /**
     * Rows of a table, by client: for each status how often the client repeats a refused call as the proxy answers it, and
     * how often where only the status arrives; and how many calls arrive at the proxy after the one that opened the circuit,
     * while a client asks once. All clients wait between their calls, so all are asked at one time.
     */
    public static Map<String, Row> of(Map<String, Asked> clients) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Map<String, List<Future<String>>> cells = new LinkedHashMap<>();
            Map<String, Future<Integer>> last = new LinkedHashMap<>();
            clients.forEach((name, each) -> {
                cells.put(
                        name,
                        STATUSES.stream()
                                .map(status -> threads.submit(() -> refused(each.api(), status, each.client()) + ", "
                                        + byStatus(status, each.client())))
                                .toList());
                last.put(name, threads.submit(() -> afterOpening(each.api(), each.client())));
            });
            Map<String, Row> rows = new LinkedHashMap<>();
            for (String name : clients.keySet()) {
                List<String> row = new ArrayList<>();
                for (Future<String> each : cells.get(name)) {
                    row.add(each.get(PATIENCE, TimeUnit.SECONDS));
                }
                rows.put(name, new Row(row, last.get(name).get(PATIENCE, TimeUnit.SECONDS)));
            }
            return rows;
        } finally {
            threads.shutdownNow();
        }
    }

    /** The row that a page has of a client. */
    public static List<String> documented(Path root, String client) throws IOException {
        for (String line : Files.readAllLines(root.resolve("docs/proxy.md"))) {
            String[] cells = line.split("\\|", -1);
            if (cells.length == STATUSES.size() + 3 && cells[1].strip().equals(client)) {
                return List.of(cells).subList(2, cells.length - 1).stream()
                        .map(String::strip)
                        .toList();
            }
        }
        throw new AssertionError("docs/proxy.md has no row of " + client);
    }

    private static int afterOpening(Api api, Client client) throws Exception {
        try (FakeProvider provider = FakeProvider.start();
                CircuitBreakerManager circuits = circuits();
                ProxyOnManager proxy =
                        new ProxyOnManager(circuits, List.of(ProxyOnManager.upstream("up", api, provider.uri())))) {
            provider.otherwise(Answer.json(500, "{\"error\":{\"type\":\"api_error\",\"message\":\"Oops\"}}"));
            ask(client, proxy.uri("/proxy/up").toString());
            return proxy.calls("a") - posts(provider);
        }
    }

    private static int refused(Api api, int status, Client client) throws Exception {
        try (CircuitBreakerManager circuits = circuits();
                ProxyOnManager proxy = new ProxyOnManager(
                        circuits,
                        List.of(ProxyOnManager.upstream("up", api, URI.create("http://127.0.0.1:1"))),
                        status)) {
            for (String each : List.of(MODEL, TOOL)) {
                circuits.getOrCreate(CircuitId.of(each)).override(ManualOverride.of(OverrideAction.OPEN, "ada"));
            }
            ask(client, proxy.uri("/proxy/up").toString());
            return proxy.calls("a") - 1;
        }
    }

    private static int byStatus(int status, Client client) throws Exception {
        try (FakeProvider provider = FakeProvider.start()) {
            provider.otherwise(Answer.json(status, "{\"error\":{\"type\":\"circuit_open\",\"code\":\"circuit_open\"}}")
                    .withHeader("retry-after-ms", "10"));
            ask(client, provider.uri().toString());
            return posts(provider) - 1;
        }
    }

    private static int posts(FakeProvider provider) {
        return (int) provider.requests().stream()
                .filter(each -> each.method().equals("POST"))
                .count();
    }

    private static void ask(Client client, String address) {
        try {
            client.ask(address, ProxyOnManager.key("a"));
        } catch (Exception refused) {
            // what a client throws is not looked at: calls are counted where they arrive
        }
    }

    private static CircuitBreakerManager circuits() {
        return CircuitBreakerManager.create(
                CircuitBreakerConfig.builder().failureThreshold(1).build());
    }
}
