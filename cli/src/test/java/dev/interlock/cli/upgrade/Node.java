package dev.interlock.cli.upgrade;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One server of the fleet, in a process of its own, and what its callers ask of it. */
final class Node implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("address=\"(http://[^\"]+)\"");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An answer: the status, and the body, or an empty one. */
    record Answer(int status, JsonNode body) {}

    private final HttpClient client = HttpClient.newHttpClient();
    private final Release release;
    private final Process process;
    private final Path log;
    private final URI address;
    private final String key;

    /**
     * Starts one and waits until it answers.
     *
     * @param folder for its files; its own
     * @param settings of the environment
     */
    Node(Release release, Path folder, Map<String, String> settings) {
        this.release = release;
        this.key = settings.get("INTERLOCK_ADMIN_KEY");
        this.log = folder.resolve("log");
        try {
            List<String> command = new ArrayList<>(release.command());
            command.addAll(List.of("serve", "--port", "0", "--data-dir", folder.toString()));
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("INTERLOCK_"));
            builder.environment().putAll(settings);
            process = builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        address = URI.create(awaitAddress());
    }

    private String awaitAddress() {
        List<String> found = new ArrayList<>();
        await().atMost(2, TimeUnit.MINUTES).until(() -> {
            Matcher ready = ADDRESS.matcher(Files.readString(log));
            if (ready.find()) {
                found.add(ready.group(1));
            } else if (!process.isAlive()) {
                throw new AssertionError(this + " ended before it was ready:\n" + Files.readString(log));
            }
            return !found.isEmpty();
        });
        return found.get(0);
    }

    /** The agent's circuit. */
    JsonNode circuit(String agent) {
        return ask("GET", "/api/v1/circuits/" + agent, null).body();
    }

    /** The audit trail of the agent's circuit. */
    JsonNode transitions(String agent) {
        return ask("GET", "/api/v1/circuits/" + agent + "/transitions", null).body();
    }

    /** Asks for a permit: 200, or 503 while the circuit is open. */
    Answer permit(String agent) {
        return ask("POST", "/api/v1/circuits/" + agent + "/permits", "{}");
    }

    /** Settles a permit of any node. */
    Answer settle(String agent, String permit, boolean good) {
        return ask(
                "POST",
                "/api/v1/circuits/" + agent + "/outcomes",
                "{\"permit\":\"" + permit + "\",\"outcome\":\"" + (good ? "success" : "failure") + "\""
                        + (good ? "" : ",\"kind\":\"SERVER_ERROR\"") + ",\"duration_ms\":20}");
    }

    /** Carries out an override. */
    Answer override(String agent, String action, String reason) {
        return ask(
                "POST",
                "/api/v1/circuits/" + agent + "/action",
                "{\"action\":\"" + action + "\",\"reason\":\"" + reason + "\"}");
    }

    /** What it says of itself. */
    String readiness() {
        return ask("GET", "/readyz", null).body().toString();
    }

    private Answer ask(String method, String path, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve(path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + key)
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            return new Answer(
                    answer.statusCode(),
                    answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body()));
        } catch (IOException gone) {
            throw new UncheckedIOException(this + " does not answer " + method + " " + path, gone);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", stopped);
        }
    }

    /** As an operator does: it ends in order. */
    void stop() {
        process.destroy();
        awaitEnd();
    }

    /** As kill -9 does. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() {
        await().atMost(30, TimeUnit.SECONDS).until(() -> !process.isAlive());
    }

    /** The last lines that it wrote. */
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException unreadable) {
            return "its log cannot be read: " + unreadable;
        }
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return "node " + process.pid() + " of release " + release.name();
    }
}
