package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose memory is used up ends, so that a supervisor starts it again, and does not live on without answering. */
@Tag("heavy")
class OutOfMemoryTest {
    private static final Pattern PORT = Pattern.compile("address=\"http://[^:\"]+:(\\d+)");
    private static final Pattern OPTION = Pattern.compile("-XX:\\+\\w*OutOfMemory\\w*");
    private static final int ENDED_BY_JAVA = 3;
    private static final int ORGANIZATIONS = 40;

    @TempDir
    Path folder;

    @Test
    void a_server_without_memory_ends_with_a_code_and_a_line() throws Exception {
        Matcher option = OPTION.matcher(Files.readString(Path.of("..", "interlock")));
        assertThat(option.find()).as("the option in ./interlock").isTrue();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx48m",
                        option.group(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "serve",
                        "--port",
                        "0",
                        "--data-dir",
                        folder.toString(),
                        "--jwt-issuers",
                        "[{issuer: tests, audience: interlock, secret: a-secret-of-thirty-two-bytes-at-least}]")
                .redirectErrorStream(true)
                .start();
        List<Socket> sockets = new ArrayList<>();
        try (BufferedReader output = process.inputReader()) {
            int port = port(output);
            CompletableFuture<String> rest = CompletableFuture.supplyAsync(
                    () -> String.join("\n", output.lines().toList()), task -> new Thread(task).start());
            for (int i = 0; i < ORGANIZATIONS && process.isAlive(); i++) {
                sockets.add(unfinished(port, "agent@number-" + i));
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
            assertThat(process.exitValue()).isEqualTo(ENDED_BY_JAVA);
            assertThat(rest.get(10, TimeUnit.SECONDS)).contains("java.lang.OutOfMemoryError");
        } finally {
            process.destroyForcibly().waitFor();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** As much of a batch as is let in, and no end; whether the server is still there is seen elsewhere. */
    private static Socket unfinished(int port, String caller) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            socket.getOutputStream()
                    .write(("POST /api/v1/logs/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                    + "Authorization: Bearer " + RunningServer.token(caller)
                                    + "\r\nContent-Length: 8388608\r\n\r\n" + " ".repeat(1_500_000))
                            .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException ended) {
            return socket;
        }
        return socket;
    }

    private static int port(BufferedReader output) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.append(line).append('\n');
            Matcher address = PORT.matcher(line);
            if (address.find()) {
                return Integer.parseInt(address.group(1));
            }
        }
        throw new AssertionError("It ended before it was ready: " + said);
    }
}
