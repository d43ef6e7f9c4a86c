package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Gate;
import dev.interlock.GateChange;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server in a process of its own, that can be killed and started again on the same folder. For one thread. */
final class RealServer implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("address=\"http://[^\"]+:(\\d+)\"");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final List<String> options;
    private final HttpClient http = HttpClient.newHttpClient();
    private @Nullable Process process;
    private int port;

    private RealServer(Path folder, List<String> options) {
        this.folder = folder;
        this.options = options;
    }

    /** Starts one, and waits until it answers. */
    static RealServer start(Path folder, String... options) throws IOException {
        RealServer server = new RealServer(folder, List.of(options));
        server.start();
        return server;
    }

    /** Starts it again, on another port; nothing where it runs. */
    void start() throws IOException {
        if (process != null) {
            return;
        }
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ServerProgram.class.getName(),
                                "--port",
                                "0",
                                "--data-dir",
                                folder.toString()),
                        options.stream())
                .toList();
        Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader log = started.inputReader();
        StringBuilder said = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            said.append(line).append('\n');
            Matcher found = PORT.matcher(line);
            if (found.find()) {
                Thread rest = new Thread(() -> drain(log), "log-of-a-server");
                rest.setDaemon(true);
                rest.start();
                process = started;
                port = Integer.parseInt(found.group(1));
                return;
            }
        }
        throw new AssertionError("The server ended before it was ready:\n" + said);
    }

    /** A process whose log nobody reads would stop at some point. */
    private static void drain(BufferedReader log) {
        try {
            log.transferTo(Writer.nullWriter());
        } catch (IOException ended) {
            // so has the process
        }
    }

    /** Where it listens, or last did. */
    int port() {
        return port;
    }

    /** Ends it by signal 9. */
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
            process = null;
        }
    }

    String adminKey() throws IOException {
        return Files.readString(folder.resolve("admin-key")).strip();
    }

    /** Calls it as its admin; an answer that is none of 2xx fails. */
    JsonNode call(String method, String path, @Nullable Object body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + adminKey())
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode())
                .as(method + " " + path + ": " + answer.body())
                .isBetween(200, 299);
        return JSON.readTree(answer.body().isEmpty() ? "{}" : answer.body());
    }

    /** Makes requests with a key until there are too many of them. */
    void exhaust(String agent, String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/api/v1/circuits/" + encoded(agent) + "/permits"))
                .header("Authorization", "Bearer " + key)
                .POST(BodyPublishers.noBody())
                .build();
        for (int i = 0; i < 1_000; i++) {
            if (http.send(request, BodyHandlers.discarding()).statusCode() == 429) {
                return;
            }
        }
        throw new AssertionError("1,000 requests were not too many");
    }

    JsonNode circuit(String name) throws IOException, InterruptedException {
        return call("GET", "/api/v1/circuits/" + encoded(name), null);
    }

    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    /** Puts a gate before agents into the database of a server that is down. */
    void putGate(String id, String pattern) {
        withGates(circuits ->
                circuits.gates().put(Gate.ofAgents("default", pattern, "ada").named(id)));
    }

    /** Takes a gate out of the database of a server that is down. */
    void removeGate(String id) {
        withGates(circuits -> circuits.gates().remove("default", id, "ada", null));
    }

    private interface Change {
        @Nullable
        GateChange made(CircuitBreakerManager circuits);
    }

    private void withGates(Change change) {
        assertThat(process)
                .as("the server, while another process changes its database")
                .isNull();
        try (Database database = Database.open(DatabaseSettings.sqlite(folder.resolve("interlock.db")));
                CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                        .store(database.circuits())
                        .build()) {
            GateChange made = change.made(circuits);
            assertThat(made).isNotNull();
            assertThat(made.fate().toCompletableFuture().join()).isEqualTo(GateChange.Fate.STORED);
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
