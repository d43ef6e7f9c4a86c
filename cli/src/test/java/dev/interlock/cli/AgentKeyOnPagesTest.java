package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How pages say that a server is started and a key made for a program: the same two blocks, which are run here. */
class AgentKeyOnPagesTest {
    private static final Path DOCS =
            Path.of(System.getProperty("interlock.root", "..")).resolve("docs");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SERVE = "./interlock serve\n";
    private static final String KEY = """
            export INTERLOCK_URL=http://127.0.0.1:8080
            export INTERLOCK_KEY=$(INTERLOCK_KEY=$(cat data/admin-key) ./interlock keys create --name me --role agent)
            """;

    @TempDir
    Path folder;

    private final int port = freePort();

    @ParameterizedTest
    @ValueSource(strings = {"server.md", "python.md", "typescript.md"})
    void a_page_that_needs_a_key_of_an_agent_says_how_to_get_one(String page) throws IOException {
        assertThat(Files.readString(DOCS.resolve(page)))
                .contains("```\n" + SERVE + "```\n")
                .contains("```\n" + KEY + "```\n");
    }

    @Test
    @Tag("heavy")
    void the_blocks_do_what_the_pages_say() throws IOException, InterruptedException {
        StartScript.in(folder);
        Path log = folder.resolve("server.txt");
        Process server = shell(SERVE, log);
        try {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                assertThat(server.isAlive()).as(Files.readString(log)).isTrue();
                return status("GET", "/healthz", "none") == 200;
            });
            Path said = folder.resolve("said.txt");
            Process user = shell(
                    KEY.replace("127.0.0.1:8080", "127.0.0.1:" + port) + "printf '\\n%s' \"$INTERLOCK_KEY\"", said);
            assertThat(user.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

            String[] lines = Files.readString(said).split("\n");
            String key = lines[lines.length - 1];
            assertThat(key).as(Files.readString(said)).startsWith("il_");
            assertThat(status("POST", "/api/v1/circuits/planner/permits", key)).isEqualTo(200);
            assertThat(status("GET", "/api/v1/keys", key)).isEqualTo(403);
        } finally {
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.destroyForcibly();
        }
    }

    private Process shell(String commands, Path output) throws IOException {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", commands)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        shell.environment().put("INTERLOCK_PORT", Integer.toString(port));
        Process process = shell.start();
        process.getOutputStream().close();
        return process;
    }

    private int status(String method, String path, String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(5))
                .header("Authorization", "Bearer " + key)
                .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("{}"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.discarding())
                .statusCode();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
