package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Needed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what docs/proxy.md says under "In five minutes", word for word but for the two ports, and compares what is printed. */
@Tag("heavy")
class ProxyInFiveMinutesTest {
    private static final Path PAGE =
            Path.of(System.getProperty("interlock.root", "..")).resolve("docs/proxy.md");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private final int port = freePort();
    private final int modelPort = freePort();

    @Test
    void the_page_does_what_it_says() throws IOException, InterruptedException {
        for (String each : List.of("python3", "curl")) {
            Needed.program(each, each, "docs/proxy.md");
        }
        Files.writeString(folder.resolve("model.py"), block("python", 0));
        Files.writeString(folder.resolve("interlock.yaml"), block("yaml", 0));
        StartScript.in(folder);
        Path log = folder.resolve("server.txt");
        Process servers = shell(block("bash", 0), log);
        try {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                assertThat(servers.isAlive()).as(Files.readString(log)).isTrue();
                return status("http://127.0.0.1:" + port + "/healthz", "GET") == 200
                        && status("http://127.0.0.1:" + modelPort + "/", "POST") == 200;
            });
            Path said = folder.resolve("said.txt");
            Process agent = shell(block("bash", 1), said);
            assertThat(agent.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

            List<String> printed = Files.readString(said)
                    .lines()
                    .filter(line -> line.startsWith("{"))
                    .map(ProxyInFiveMinutesTest::withoutWaits)
                    .toList();
            assertThat(printed)
                    .as(Files.readString(said))
                    .isEqualTo(block("text", 0)
                            .lines()
                            .map(ProxyInFiveMinutesTest::withoutWaits)
                            .toList());
        } finally {
            servers.descendants().forEach(ProcessHandle::destroyForcibly);
            servers.destroyForcibly();
        }
    }

    private static String withoutWaits(String line) {
        return line.replaceAll("\"retry_after\":\\d+", "\"retry_after\":N")
                .replaceAll("retry in \\d+ s", "retry in N s");
    }

    private Process shell(String commands, Path output) throws IOException {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", commands)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        shell.environment().put("INTERLOCK_PORT", Integer.toString(port));
        shell.environment().put("INTERLOCK_URL", "http://127.0.0.1:" + port);
        Process process = shell.start();
        process.getOutputStream().close();
        return process;
    }

    private static int status(String address, String method) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                .timeout(Duration.ofSeconds(5))
                .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("{}"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.discarding())
                .statusCode();
    }

    /** A block of the section, with the ports that are free here. */
    private String block(String language, int number) throws IOException {
        List<String> found = new ArrayList<>();
        StringBuilder block = null;
        boolean isHere = false;
        for (String line : Files.readAllLines(PAGE)) {
            if (block == null && line.startsWith("## ")) {
                isHere = line.equals("## In five minutes");
            } else if (isHere && block == null && line.equals("```" + language)) {
                block = new StringBuilder();
            } else if (block != null && line.equals("```")) {
                found.add(block.toString());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            }
        }
        return found.get(number)
                .replace("9090", Integer.toString(modelPort))
                .replace("127.0.0.1:8080", "127.0.0.1:" + port);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
