package dev.interlock.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** A server in a process of its own on a free port, with what its processor time is. */
final class HttpPeer implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("https?://[^:\\s]+:(\\d+)");
    private static final String SECRET = "benchmark-secret-0123456789abcdef0123456789abcdef";
    private static final String ISSUERS =
            "[{\"issuer\":\"benchmarks\",\"audience\":\"interlock\",\"secret\":\"" + SECRET + "\"}]";
    private static final String ADMIN = "benchmark-admin-key-0123456789abcdef0123456789abcdef";

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final Process process;
    private final BufferedReader output;
    private final int port;
    private final @Nullable Path data;

    private HttpPeer(Process process, Pattern announced, @Nullable Path data) throws IOException {
        this.process = process;
        this.data = data;
        output = process.inputReader();
        port = port(announced);
        Thread rest = new Thread(this::ignoreOutput, "benchmark-output");
        rest.setDaemon(true);
        rest.start(); // so that a full pipe stops nobody
    }

    static HttpPeer echo(String key) throws IOException {
        return program(HttpEcho.class, key);
    }

    /** A program of these benchmarks that prints its port. */
    static HttpPeer program(Class<?> main, String... arguments) throws IOException {
        List<String> command = java();
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new HttpPeer(start(command), Pattern.compile("^(\\d+)$"), null);
    }

    /**
     * A server whose proxy is in front of a provider at a port, with a key for it, and which limits nobody's requests.
     */
    static HttpPeer proxy(Path jar, int upstream, List<String> more, String... jvm) throws IOException {
        Path secret = Files.createTempFile("interlock-benchmark", ".key");
        secret.toFile().deleteOnExit();
        Files.writeString(secret, "sk-benchmark");
        List<String> flags = new ArrayList<>(List.of("--requests-per-second", "1000000"));
        flags.addAll(List.of("--request-burst", "10000000", "--organization-requests-per-second", "10000000"));
        flags.addAll(List.of("--organization-request-burst", "10000000"));
        flags.addAll(List.of(
                "--outbound-secrets",
                "[{name: up, file: '" + secret + "', organizations: [default], hosts: [127.0.0.1]}]"));
        flags.addAll(List.of(
                "--proxy-upstreams",
                "[{name: up, api: openai, url: 'http://127.0.0.1:" + upstream + "', key: '${secret:up}',"
                        + " organizations: [default], agents: ['*'], models: ['*']}]"));
        flags.addAll(more);
        return server(jar, List.of(jvm), flags);
    }

    /** A server on one event loop that limits nobody's requests. */
    static HttpPeer server(Path jar, @Nullable String redisUrl) throws IOException {
        List<String> flags = new ArrayList<>(List.of("--event-loops", "1", "--requests-per-second", "1000000"));
        flags.addAll(List.of("--request-burst", "10000000", "--organization-requests-per-second", "10000000"));
        flags.addAll(List.of("--organization-request-burst", "10000000", "--jwt-issuers", ISSUERS));
        if (redisUrl != null) {
            flags.addAll(List.of("--redis-url", redisUrl, "--redis-slow-after", "1s"));
        }
        return server(jar, List.of(), flags);
    }

    /** A server on one event loop whose log keeps this many MiB a day. */
    static HttpPeer logging(Path jar, int quota) throws IOException {
        return server(jar, List.of(), List.of("--event-loops", "1", "--log-quota", Integer.toString(quota)));
    }

    /** A server as it comes, except for its heap: that is whole from the start, so that what else grows shows. */
    static HttpPeer guarded(Path jar, String heap) throws IOException {
        return server(jar, List.of("-Xms" + heap, "-Xmx" + heap, "-XX:+AlwaysPreTouch"), List.of());
    }

    /** A server for many agents, whose data stays where it is. */
    static HttpPeer kept(Path jar, String heap, Path data) throws IOException {
        List<String> command = java();
        command.addAll(List.of("-Xmx" + heap, "-jar", jar.toString(), "serve", "--port", "0", "--data-dir"));
        command.addAll(List.of(data.toString(), "--max-circuits", "200000"));
        return new HttpPeer(start(command), READY, null);
    }

    /** One of several servers on a Redis, and on a database if there is one, that limits nobody's requests. */
    static HttpPeer sharing(Path jar, String redisUrl, @Nullable String database) throws IOException {
        List<String> flags = new ArrayList<>(List.of("--redis-url", redisUrl, "--requests-per-second", "1000000"));
        flags.addAll(List.of("--request-burst", "10000000", "--organization-requests-per-second", "10000000"));
        flags.addAll(List.of("--organization-request-burst", "10000000"));
        if (database != null) {
            flags.addAll(List.of("--database-url", database));
        }
        return server(jar, List.of("-Xmx384m"), flags);
    }

    private static HttpPeer server(Path jar, List<String> jvm, List<String> flags) throws IOException {
        Path data = Files.createTempDirectory("interlock-benchmark");
        List<String> command = java();
        command.addAll(jvm);
        command.addAll(List.of("-jar", jar.toString(), "serve", "--port", "0", "--data-dir", data.toString()));
        command.addAll(flags);
        return new HttpPeer(start(command), READY, data);
    }

    private static List<String> java() {
        return new ArrayList<>(
                List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java"));
    }

    private static Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("INTERLOCK_ADMIN_KEY", ADMIN);
        return builder.start();
    }

    private int port(Pattern announced) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.append(line).append('\n');
            Matcher matcher = announced.matcher(line);
            if (matcher.find()) {
                return Integer.parseInt(matcher.group(1));
            }
        }
        throw new IOException("The process ended before it was ready. Its output:\n" + said);
    }

    private void ignoreOutput() {
        try {
            output.transferTo(Writer.nullWriter());
        } catch (IOException closed) {
            return; // the process has ended
        }
    }

    int port() {
        return port;
    }

    /** What the operating system has counted for the process so far. */
    long cpuNanos() {
        return process.info()
                .totalCpuDuration()
                .map(Duration::toNanos)
                .orElseThrow(
                        () -> new IllegalStateException("This system does not report the processor time of a process"));
    }

    /** How much memory the process holds, in KiB. */
    long residentKib() throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(process.pid())).start();
        return Long.parseLong(new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    }

    /** What lives on its heap once garbage has been collected, in bytes. */
    long liveBytes() throws IOException {
        Process jcmd = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "jcmd",
                        Long.toString(process.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher total =
                Pattern.compile("^Total\\s+\\d+\\s+(\\d+)", Pattern.MULTILINE).matcher(said);
        if (!total.find()) {
            throw new IOException("The heap cannot be looked at: " + said);
        }
        return Long.parseLong(total.group(1));
    }

    /** Creates a key for agents on a server of ours. */
    String agentKey() throws IOException, InterruptedException {
        return key("default", "agent");
    }

    /** Creates a key of a role in an organization on a server of ours. */
    String key(String organization, String role) throws IOException, InterruptedException {
        return key(organization, role, "");
    }

    /** Creates a key that is limited to agents by a pattern; none if that is empty. */
    String key(String organization, String role, String agents) throws IOException, InterruptedException {
        String limit = agents.isEmpty() ? "" : ",\"agents\":\"" + agents + "\"";
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/keys"))
                .header("Authorization", "Bearer " + ADMIN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"benchmark\",\"role\":\"" + role
                        + "\",\"organization_id\":\"" + organization + "\"" + limit + "}"))
                .build();
        String answer = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        Matcher key = Pattern.compile("\"key\":\"([^\"]+)\"").matcher(answer);
        if (!key.find()) {
            throw new IOException("No key was created: " + answer);
        }
        return key.group(1);
    }

    /** A signed token for agents, that servers of ours accept for an hour. */
    static String agentToken() throws GeneralSecurityException {
        String signed = part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "."
                + part("{\"iss\":\"benchmarks\",\"aud\":\"interlock\",\"sub\":\"load\",\"organization_id\":\"default\","
                        + "\"role\":\"agent\",\"exp\":"
                        + Instant.now().plus(Duration.ofHours(1)).getEpochSecond() + "}");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return signed + "." + BASE64.encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    }

    private static String part(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().join();
        if (data != null) {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }
}
