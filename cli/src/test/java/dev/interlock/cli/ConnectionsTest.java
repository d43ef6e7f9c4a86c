package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.Certificate;
import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where a connection does not come about, over TLS and without: what is wrong, and what would be right. */
class ConnectionsTest {
    private final Typed typed = new Typed().with("XDG_CONFIG_HOME", "/nowhere").with("INTERLOCK_KEY", "any");

    @Test
    void a_host_that_nobody_knows_is_not_a_server_that_is_down() {
        for (String command : new String[] {"status", "watch"}) {
            assertThat(typed.run(command, "--url", "http://interlock.invalid:8080"))
                    .isEqualTo(ExitCode.UNREACHABLE);
            assertThat(typed.err())
                    .isEqualTo("There is no server at http://interlock.invalid:8080: no host is known by the name"
                            + " interlock.invalid. Is --url right? Name another with --url or INTERLOCK_URL\n");
        }
    }

    @Test
    void a_certificate_of_a_ca_of_ones_own_is_named_once(@TempDir Path folder, @TempDir Path other) throws IOException {
        try (RunningServer server = new RunningServer(Certificate.in(folder, "ip:127.0.0.1"))) {
            String url = "https://127.0.0.1:" + server.uri("").getPort();
            String certificate = folder.resolve("cert.pem").toString();
            typed.with("INTERLOCK_KEY", RunningServer.token("viewer@tls"));
            for (String command : new String[] {"status", "watch"}) {
                assertThat(typed.run(command, "--url", url)).isEqualTo(ExitCode.UNREACHABLE);
                assertThat(typed.err())
                        .isEqualTo(
                                "No safe connection to " + url + ": its certificate is not one that Java trusts. If it"
                                        + " comes from a CA of your own, name that CA's certificate with --cacert FILE or"
                                        + " INTERLOCK_CACERT (docs/cli.md#tls)\n");
            }
            assertThat(typed.run("status", "--url", url, "--cacert", certificate))
                    .isZero();
            assertThat(typed.run("status", "--url", url, "--cacert", certificate, "-o", "name"))
                    .isZero();
            assertThat(typed.with("INTERLOCK_CACERT", certificate).run("status", "--url", url))
                    .isZero();

            typed.with("XDG_CONFIG_HOME", folder.toString());
            assertThat(typed.run("login", "--url", url)).isZero();
            typed.without("INTERLOCK_CACERT").without("INTERLOCK_KEY");
            assertThat(typed.run("status")).as("by the profile").isZero();

            CompletableFuture<Integer> watching =
                    CompletableFuture.supplyAsync(() -> typed.run("watch", "--count", "1"));
            await().until(() -> typed.err().contains("Watching"));
            assertThat(new Typed()
                            .with("INTERLOCK_KEY", RunningServer.token("operator@tls"))
                            .run("open", "x", "--create", "--url", url, "--cacert", certificate))
                    .isZero();
            assertThat(watching.orTimeout(1, TimeUnit.MINUTES).join()).isZero();

            Certificate.in(other, "ip:127.0.0.1");
            String wrong = other.resolve("cert.pem").toString();
            assertThat(typed.run("status", "--url", url, "--key", "x", "--cacert", wrong))
                    .isEqualTo(ExitCode.UNREACHABLE);
            assertThat(typed.err())
                    .isEqualTo("No safe connection to " + url + ": its certificate does not come from a CA in " + wrong
                            + ". Name the right one with --cacert FILE (docs/cli.md#tls)\n");
            assertThat(typed.run(
                            "status",
                            "--url",
                            "http://127.0.0.1:" + server.uri("").getPort(),
                            "--key",
                            "x"))
                    .isEqualTo(ExitCode.UNREACHABLE);
            assertThat(typed.err()).contains("Does it speak TLS there? Then name it as https://127.0.0.1:");
        }
    }

    @Test
    void a_certificate_for_another_name_is_no_matter_of_the_ca(@TempDir Path folder) {
        Map<String, String> settings = Certificate.in(folder, "dns:interlock.example.com");
        try (RunningServer server = new RunningServer(settings)) {
            String url = "https://127.0.0.1:" + server.uri("").getPort();
            assertThat(typed.run("status", "--url", url, "--cacert", settings.get("tls-cert")))
                    .isEqualTo(ExitCode.UNREACHABLE);
            assertThat(typed.err())
                    .startsWith(
                            "No safe connection to " + url + ": its certificate is for another name than 127.0.0.1.");
        }
    }

    @Test
    void a_file_of_certificates_that_is_none_is_wrong_usage(@TempDir Path folder) throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        Path text = Files.writeString(folder.resolve("text.pem"), "-----BEGIN CERTIFICATE-----\nno\n");
        for (Path each : new Path[] {empty, text, folder.resolve("missing.pem"), folder}) {
            assertThat(typed.run("status", "--url", "https://127.0.0.1:1", "--cacert", each.toString()))
                    .as(each.toString())
                    .isEqualTo(ExitCode.USAGE);
            assertThat(typed.err())
                    .startsWith("--cacert = '" + each + "' ")
                    .contains("must be a file of certificates in PEM");
        }
    }

    @Test
    void a_server_without_tls_is_named_as_such() {
        try (RunningServer server = new RunningServer()) {
            String authority = "127.0.0.1:" + server.uri("").getPort();
            assertThat(typed.run("status", "--url", "https://" + authority)).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(typed.err())
                    .startsWith("No safe connection to https://" + authority)
                    .contains("does not speak TLS. Name it as http://" + authority);
        }
    }

    @Test
    void what_answers_in_no_language_of_the_web_is_no_interlock() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answering = CompletableFuture.runAsync(() -> answerOnce(other));
            String url = "http://127.0.0.1:" + other.getLocalPort();
            assertThat(typed.run("status", "--url", url)).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(typed.err()).contains(url);
            answering.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_path_in_the_address_comes_before_that_of_all_requests() throws Exception {
        try (RunningServer server = new RunningServer(Map.of("base-path", "/tools/interlock"));
                Passage passage = new Passage(server.uri("").getPort())) {
            typed.with("INTERLOCK_KEY", RunningServer.token("operator@acme"));
            for (String end : new String[] {"", "/"}) {
                String url = "http://127.0.0.1:" + passage.port() + "/tools/interlock" + end;
                typed.with("INTERLOCK_URL", url);
                assertThat(typed.run("open", "planner", "--create")).as(url).isZero();
                assertThat(typed.run("status", "planner")).as(url).isZero();
                assertThat(typed.run("events")).as(url).isZero();
                CompletableFuture<Integer> watching =
                        CompletableFuture.supplyAsync(() -> typed.run("watch", "--count", "1"));
                await().until(() -> typed.err().contains("Watching"));
                assertThat(new Typed()
                                .with("INTERLOCK_URL", url)
                                .with("INTERLOCK_KEY", RunningServer.token("operator@acme"))
                                .run("close", "planner"))
                        .as(url)
                        .isZero();
                assertThat(watching.orTimeout(1, TimeUnit.MINUTES).join()).isZero();
            }
            assertThat(passage.paths())
                    .contains("/tools/interlock/api/v1/stream")
                    .hasSizeGreaterThan(7)
                    .allMatch(path -> path.startsWith("/tools/interlock/api/v1/"));
        }
    }

    /** A way to a server on which one reads what is asked: the server answers without the path, too. */
    private static final class Passage implements AutoCloseable {
        private static final Pattern REQUEST =
                Pattern.compile("^(?:GET|POST|PUT) ([^ ?]+)\\S* HTTP/1", Pattern.MULTILINE);

        private final int to;
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final StringBuffer asked = new StringBuffer();

        Passage(int to) throws IOException {
            this.to = to;
            threads.execute(this::accept);
        }

        int port() {
            return socket.getLocalPort();
        }

        List<String> paths() {
            return REQUEST.matcher(asked).results().map(found -> found.group(1)).toList();
        }

        private void accept() {
            while (!socket.isClosed()) {
                try {
                    Socket near = socket.accept();
                    Socket far = new Socket(InetAddress.getLoopbackAddress(), to);
                    threads.execute(() -> pass(near, far, true));
                    threads.execute(() -> pass(far, near, false));
                } catch (IOException closed) {
                    return;
                }
            }
        }

        private void pass(Socket from, Socket to, boolean isAsked) {
            byte[] bytes = new byte[8_192];
            try (from;
                    to) {
                for (int read = 0; read >= 0; read = from.getInputStream().read(bytes)) {
                    if (isAsked) {
                        asked.append(new String(bytes, 0, read, StandardCharsets.ISO_8859_1));
                    }
                    to.getOutputStream().write(bytes, 0, read);
                }
            } catch (IOException ended) {
                // one of both has gone
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            threads.shutdownNow();
        }
    }

    private static void answerOnce(ServerSocket other) {
        try (var connection = other.accept()) {
            connection.getInputStream().read(new byte[1_000]);
            connection.getOutputStream().write("220 mail.example.com ESMTP\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException ended) {
            // the client has gone
        }
    }
}
