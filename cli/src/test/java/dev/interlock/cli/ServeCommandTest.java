package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.config.Setting;
import dev.interlock.server.config.Settings;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, and as far as it goes without one. */
class ServeCommandTest {

    @TempDir
    private Path folder;

    @Test
    void help_lists_every_setting() {
        StringWriter out = new StringWriter();
        assertThat(Main.commandLine().setOut(new PrintWriter(out, true)).execute("serve", "--help"))
                .isZero();
        for (Setting<?> setting : Settings.ALL) {
            assertThat(out.toString().replaceAll("\\s+", "")).contains(setting.flag(), setting.variable());
        }
        assertThat(out.toString()).contains("${secret:NAME}");
    }

    @Test
    void an_option_that_does_not_exist_is_answered_with_the_nearest_one() {
        StringWriter err = new StringWriter();
        assertThat(Main.commandLine().setErr(new PrintWriter(err, true)).execute("serve", "--prot", "1"))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith("There is no option --prot; did you mean --port?\n");
        err.getBuffer().setLength(0);
        assertThat(Main.commandLine().setErr(new PrintWriter(err, true)).execute("serve", "--data=x"))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith("There is no option --data; did you mean --data-dir?\n");
    }

    @Test
    void a_file_of_settings_that_is_not_there_is_said_to_be_missing() {
        StringWriter err = new StringWriter();
        Path file = folder.resolve("none.yaml");
        assertThat(Main.commandLine().setErr(new PrintWriter(err, true)).execute("serve", "--config", file.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith(file + ": there is no such file; ");
    }

    @Test
    void wrong_settings_are_reported_all_at_once_with_exit_code_2() {
        StringWriter err = new StringWriter();
        assertThat(Main.commandLine()
                        .setErr(new PrintWriter(err, true))
                        .execute("serve", "--port", "many", "--log-level", "loud"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--port = 'many'", "--log-level = 'loud'");
    }

    @Test
    void a_proxy_without_an_upstream_does_not_start() {
        StringWriter err = new StringWriter();
        assertThat(Main.commandLine()
                        .setErr(new PrintWriter(err, true))
                        .execute("proxy", "--port", "0", "--data-dir", folder.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("proxy-upstreams").contains("docs/proxy.md");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_port_that_is_taken_is_reported_with_the_page_to_read_and_exit_code_1() throws IOException {
        StringWriter err = new StringWriter();
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(Main.commandLine()
                            .setErr(new PrintWriter(err, true))
                            .execute("serve", "--port", port, "--data-dir", folder.toString()))
                    .isEqualTo(1);
        }
        assertThat(err.toString().strip().lines()).hasSize(2).last().isEqualTo(ServeCommand.NOT_STARTED);
        assertThat(err.toString()).contains("Choose another port");
    }

    /** An address for documents (RFC 5737), which no machine has. */
    @Test
    void an_address_of_another_machine_is_reported_as_one() {
        StringWriter err = new StringWriter();
        assertThat(Main.commandLine()
                        .setErr(new PrintWriter(err, true))
                        .execute("serve", "--host", "192.0.2.7", "--port", "0", "--data-dir", folder.toString()))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("this machine does not have the address 192.0.2.7; correct --host or INTERLOCK_HOST")
                .doesNotContain("another port");
    }

    @Test
    void a_data_folder_that_cannot_be_is_reported_with_the_page_to_read_and_exit_code_1() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        StringWriter err = new StringWriter();
        assertThat(Main.commandLine()
                        .setErr(new PrintWriter(err, true))
                        .execute(
                                "serve",
                                "--port",
                                "0",
                                "--data-dir",
                                file.resolve("below").toString()))
                .isEqualTo(1);
        assertThat(err.toString().strip().lines()).hasSize(2).last().isEqualTo(ServeCommand.NOT_STARTED);
        assertThat(err.toString()).contains("--data-dir");
    }

    @Test
    @Tag("heavy")
    @Tag("thorough")
    void serves_until_sigterm_and_then_ends_with_0_and_is_still_open_after_a_kill() throws Exception {
        Process first = start();
        BufferedReader log = first.errorReader(StandardCharsets.UTF_8);
        int port = port(log);
        String key = Files.readString(folder.resolve("admin-key")).strip();
        assertThat(order(port, key).statusCode()).isEqualTo(200);
        first.destroyForcibly();
        assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();

        Process second = start();
        log = second.errorReader(StandardCharsets.UTF_8);
        port = port(log);
        assertThat(new JsonObject(get(port, key, "/api/v1/circuits/planner").body()).getString("state"))
                .isEqualTo("open");
        second.toHandle().destroy(); // SIGTERM, and the streams stay open
        List<String> rest = log.lines().toList();
        assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isZero();
        assertThat(rest)
                .extracting(line -> new JsonObject(line).getString("message"))
                .contains("Stopping", "Stopped");
        assertThat(String.join("\n", rest)).doesNotContain(key);
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                "serve",
                "--port",
                "0",
                "--log-format",
                "json",
                "--data-dir",
                folder.toString()));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Each line of the log is JSON; one of them says the port. */
    private static int port(BufferedReader log) throws IOException {
        String line;
        while ((line = log.readLine()) != null) {
            JsonObject entry = new JsonObject(line);
            if ("Ready".equals(entry.getString("message"))) {
                return entry.getInteger("port");
            }
        }
        throw new AssertionError("The server ended before it was ready");
    }

    private static HttpResponse<String> order(int port, String key) throws Exception {
        return send(HttpRequest.newBuilder(uri(port, "/api/v1/circuits/planner/action"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"action\":\"open\"}"))
                .build());
    }

    private static HttpResponse<String> get(int port, String key, String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(port, path))
                .header("Authorization", "Bearer " + key)
                .build());
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }
}
