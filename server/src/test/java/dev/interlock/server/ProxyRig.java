package dev.interlock.server;

import dev.interlock.test.FakeProvider;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A real server whose proxy is in front of fake providers, and agents with keys of their own. */
final class ProxyRig implements AutoCloseable {
    /** What the upstreams' key is. */
    static final String UPSTREAM_KEY = "sk-upstream-0123456789";

    /** A question that every model takes. */
    static final String QUESTION = "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\"a plan\"}]}";

    static final String CHAT = "/proxy/openai/v1/chat/completions";

    final FakeProvider provider = FakeProvider.start();
    final RunningServer server;
    private final Path secret;
    private final Map<String, String> keys = new HashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();

    private ProxyRig(String upstreams, Map<String, String> flags, Path folder) {
        try {
            secret = Files.createTempFile("upstream", "key");
            Files.writeString(secret, UPSTREAM_KEY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> all = new HashMap<>(flags);
        all.put(
                "outbound-secrets",
                "[{name: openai, file: '" + secret + "', organizations: [default, acme], hosts: [127.0.0.1]}]");
        all.put("proxy-upstreams", upstreams.replace("URL", provider.uri().toString()));
        server = folder == null ? new RunningServer(all) : RunningServer.on(folder, all);
    }

    /** One upstream {@code openai} for all agents of organization default, and models that begin with gpt-. */
    static ProxyRig openAi() {
        return with("{api: openai}");
    }

    /**
     * An upstream {@code openai} with further settings.
     *
     * @param changed a map in JSON or YAML on one line
     */
    static ProxyRig with(String changed) {
        return with(changed, Map.of());
    }

    static ProxyRig with(String changed, Map<String, String> flags) {
        return of("[" + upstream("openai", changed) + "]", flags);
    }

    /** Several upstreams, where URL stands for the fake provider. */
    static ProxyRig of(String upstreams, Map<String, String> flags) {
        return new ProxyRig(upstreams, flags, null);
    }

    /** Several upstreams before a server on a database that may be there already, and that stays. */
    static ProxyRig on(Path folder, String upstreams) {
        return new ProxyRig(upstreams, Map.of(), folder);
    }

    /** The usual upstream with changes, as YAML. */
    static String upstream(String name, String changed) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("name", name);
        all.put("api", "openai");
        all.put("url", "URL");
        all.put("key", "\"${secret:openai}\"");
        all.put("organizations", "[default]");
        all.put("agents", "['*']");
        all.put("models", "['gpt-*']");
        for (String each : changed.substring(1, changed.length() - 1).split(";", -1)) {
            String[] parts = each.split(":", 2);
            if (parts.length == 2) {
                all.put(parts[0].strip(), parts[1].strip());
            }
        }
        StringBuilder yaml = new StringBuilder("{");
        all.forEach((key, value) -> yaml.append(yaml.length() > 1 ? ", " : "")
                .append(key)
                .append(": ")
                .append(value));
        return yaml.append("}").toString();
    }

    /** The key of an agent, made at first use. */
    String key(String agent) {
        return keys.computeIfAbsent(
                agent, first -> made("{\"name\":\"" + agent + "\",\"role\":\"agent\",\"agents\":\"" + agent + "\"}"));
    }

    /** A key as an admin asks for it. */
    String made(String json) {
        HttpResponse<String> created = server.post("/api/v1/keys", "admin@default", json);
        return new JsonObject(created.body()).getString("key");
    }

    /** Asks as an agent. */
    HttpResponse<byte[]> ask(String agent, String path, String body) {
        return send(request(path, key(agent)).POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<byte[]> ask(String agent) {
        return ask(agent, CHAT, QUESTION);
    }

    HttpRequest.Builder request(String path, String key) {
        return HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + key);
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    URI uri(String path) {
        return server.uri(path);
    }

    /** A circuit as REST shows it. */
    JsonObject circuit(String name) {
        return new JsonObject(server.get("/api/v1/circuits/" + name.replace("/", "%2F"), "viewer@default")
                .body());
    }

    /** All circuits that there are, as REST shows them. */
    String agents() {
        return server.get("/api/v1/circuits/", "viewer@default").body();
    }

    String state(String name) {
        return circuit(name).getString("state");
    }

    int failures(String name) {
        return circuit(name).getInteger("failure_count");
    }

    /** An override of a person. */
    void act(String circuit, String action) {
        server.post(
                "/api/v1/circuits/" + circuit.replace("/", "%2F") + "/action",
                "operator@default",
                "{\"action\":\"" + action + "\"}");
    }

    static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    static JsonObject error(HttpResponse<byte[]> answer) {
        return new JsonObject(text(answer)).getJsonObject("error");
    }

    @Override
    public void close() {
        server.close();
        provider.close();
        try {
            Files.deleteIfExists(secret);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
