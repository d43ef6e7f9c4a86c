package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Needed;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server behind nginx, with the block of {@code docs/operations/reverse-proxy.md} as it is there except for ports and
 * files: page, files, API, links and stream, over TLS.
 */
@Tag("heavy")
@Tag("thorough")
class NginxTest {
    private static final Path PAGE =
            Path.of(System.getProperty("interlock.root", "..")).resolve("docs/operations/reverse-proxy.md");
    private static final Pattern BLOCK = Pattern.compile("```nginx\n(.*?)```", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

    private final HttpClient client =
            HttpClient.newBuilder().sslContext(Certificate.trustingClient()).build();

    @TempDir
    Path folder;

    private String nginx;
    private Process process;
    private int port;

    @BeforeEach
    void find() {
        nginx = Needed.program("nginx", "nginx-light", "its settings in the documents")
                .toString();
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void below_a_path_that_is_passed_on() throws Exception {
        assertThat(Files.readString(PAGE)).contains("`base-path: /interlock` and `trusted-proxies: 127.0.0.1`");
        works(block(), "/interlock", Map.of("base-path", "/interlock", "trusted-proxies", "127.0.0.1"), 200);
    }

    @Test
    void at_a_host_of_its_own() throws Exception {
        works(changed(block(), "location /interlock/", "location /"), "", Map.of("trusted-proxies", "127.0.0.1"), 200);
    }

    /** nginx decodes what it takes something off. */
    @Test
    void below_a_path_that_is_taken_off_but_for_names_with_a_slash() throws Exception {
        String slash = changed(block(), "proxy_pass http://127.0.0.1:8080;", "proxy_pass http://127.0.0.1:8080/;");
        String header = "proxy_set_header X-Forwarded-Prefix /interlock;";
        assertThat(Files.readString(PAGE)).contains("`proxy_pass http://127.0.0.1:8080/;`", "`" + header + "`");
        works(
                changed(slash, "proxy_http_version 1.1;", "proxy_http_version 1.1;\n" + header),
                "/interlock",
                Map.of("trusted-proxies", "127.0.0.1"),
                404);
    }

    /** All works; {@code withSlash} is what an agent with a slash in its name gets. */
    private void works(String block, String prefix, Map<String, String> settings, int withSlash) throws Exception {
        try (RunningServer server = new RunningServer(settings)) {
            start(block, server.server().port());
            String root = "https://127.0.0.1:" + port + prefix;
            HttpResponse<String> page = get(root + "/");
            assertThat(page.statusCode()).isEqualTo(200);
            Matcher file = FILE.matcher(page.body());
            int files = 0;
            while (file.find()) {
                URI at = URI.create(root + "/").resolve(file.group(1));
                assertThat(get(at.toString()).statusCode()).as(file.group(1)).isEqualTo(200);
                files++;
            }
            assertThat(files).isGreaterThan(5);

            for (String agent : new String[] {"b", "c", "d"}) {
                HttpResponse<String> permit = permit(root, agent);
                assertThat(permit.statusCode()).as(permit.body()).isEqualTo(200);
                assertThat(new JsonObject(permit.body()).getString("agent_id")).isEqualTo(agent);
            }
            HttpResponse<String> slash = permit(root, "team%2Fplanner");
            assertThat(slash.statusCode()).as(slash.body()).isEqualTo(withSlash);
            assertThat(slash.body()).contains("team/planner");
            String next = send(request(root + "/api/v1/agents?limit=2", "viewer@acme"))
                    .headers()
                    .firstValue("Link")
                    .orElseThrow();
            assertThat(next).startsWith("<" + prefix + "/api/v1/agents?limit=2&");

            WebSocket stream = stream(root, server);
            stream.abort();
        }
    }

    private HttpResponse<String> permit(String root, String agent) throws Exception {
        return send(request(root + "/api/v1/circuits/" + agent + "/permits", "agent@acme")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}")));
    }

    /** Opens the stream, hears its snapshot, and what happens then. */
    private WebSocket stream(String root, RunningServer server) throws Exception {
        CompletableFuture<String> opened = new CompletableFuture<>();
        CompletableFuture<String> heard = new CompletableFuture<>();
        WebSocket stream = client.newWebSocketBuilder()
                .header("Authorization", "Bearer " + RunningServer.token("viewer@acme"))
                .buildAsync(URI.create(root.replaceFirst("https", "wss") + "/api/v1/stream"), new WebSocket.Listener() {
                    private final StringBuilder message = new StringBuilder();

                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        message.append(text);
                        if (last) {
                            if (message.indexOf("\"type\":\"snapshot") >= 0) {
                                opened.complete(message.toString());
                            }
                            if (message.indexOf("\"type\":\"circuit_state\"") >= 0
                                    && message.indexOf("\"open\"") >= 0) {
                                heard.complete(message.toString());
                            }
                            message.setLength(0);
                        }
                        from.request(1);
                        return null;
                    }
                })
                .get(30, TimeUnit.SECONDS);
        opened.get(30, TimeUnit.SECONDS);
        HttpResponse<String> open = send(request(root + "/api/v1/circuits/c/action", "operator@acme")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"action\":\"open\"}")));
        assertThat(open.statusCode()).as(open.body()).isEqualTo(200);
        assertThat(heard.get(30, TimeUnit.SECONDS)).contains("\"c\"");
        return stream;
    }

    /** Runs nginx with a block of a page, on a free port, and waits until it takes connections. */
    private void start(String block, int server) throws Exception {
        Map<String, String> certificate = Certificate.in(folder);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String local = changed(block, "listen 443 ssl", "listen 127.0.0.1:" + port + " ssl");
        local = changed(local, "/etc/nginx/cert.pem", certificate.get("tls-cert"));
        local = changed(local, "/etc/nginx/key.pem", certificate.get("tls-key"));
        local = changed(local, "127.0.0.1:8080", "127.0.0.1:" + server);
        StringBuilder settings = new StringBuilder()
                .append("daemon off;\nmaster_process off;\npid ")
                .append(folder.resolve("nginx.pid"))
                .append(";\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n");
        for (String kind : new String[] {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
            settings.append(kind)
                    .append("_temp_path ")
                    .append(folder.resolve(kind))
                    .append(";\n");
        }
        Path file = Files.writeString(
                folder.resolve("nginx.conf"), settings.append(local).append("}\n"));
        Path log = folder.resolve("nginx.log");
        process = new ProcessBuilder(nginx, "-p", folder.toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(process.isAlive()).as(() -> read(log)).isTrue();
            new Socket(InetAddress.getLoopbackAddress(), port).close();
        });
    }

    private static String block() throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(PAGE));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    private static String changed(String text, String from, String to) {
        assertThat(text).contains(from);
        return text.replace(from, to);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException none) {
            return none.toString();
        }
    }

    private static HttpRequest.Builder request(String address, String caller) {
        return HttpRequest.newBuilder(URI.create(address))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + RunningServer.token(caller));
    }

    private HttpResponse<String> get(String address) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(30)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
