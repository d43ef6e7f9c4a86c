package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Bidi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands for people on call, against a real server. */
class RemoteCommandsTest {
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    private static RunningServer server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() {
        server = new RunningServer(Map.of("outbound-hosts", "127.0.0.1"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void orders_are_carried_out_and_shown() {
        assertThat(as("operator@one", "open", "planner", "--create", "--reason", "provider is down"))
                .isZero();
        assertThat(out.toString()).isEqualTo("planner: opened\n");
        assertThat(as("operator@one", "hold", "model:x/y", "--create", "--closed", "--until", "2h"))
                .isZero();
        assertThat(out.toString()).matches("(?s)planner: opened\nmodel:x/y: held closed until \\S+Z\n");
        out.getBuffer().setLength(0);
        assertThat(as("viewer@one", "status")).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).startsWith("AGENT      STATE         SINCE  FAILED  STREAK  RETRY IN  HITS  WHY");
        assertThat(lines.get(1))
                .startsWith("planner    open ")
                .contains("override by ")
                .endsWith(": provider is down");
        assertThat(lines.get(2)).startsWith("model:x/y  closed, held").contains(", until ");
        assertThat(lines.get(3)).isEqualTo("2 circuits: 1 open, 0 half-open, 1 closed");
        assertThat(err.toString()).isEqualTo("What to do: see " + url() + "/docs/operations/runbook.html\n");
        err.getBuffer().setLength(0);
        for (String action : List.of("close", "reset", "release")) {
            assertThat(as("operator@one", action, "planner")).as(action).isZero();
        }
        assertThat(err.toString()).isEmpty();
    }

    /**
     * By the rules of Unicode, which change the places of a name and a figure next to it unless the name is isolated.
     */
    @Test
    void names_and_reasons_from_right_to_left_turn_nothing_around_them() {
        String name = "סוכן";
        String reason = "תקלה";
        assertThat(as("operator@turned", "open", name, "--create", "--reason", reason))
                .isZero();
        assertThat(as("viewer@turned", "status")).isZero();
        assertThat(out.toString()).contains("\u2068" + name + "\u2069", reason);
        for (String line : out.toString().lines().toList()) {
            assertThat(turns(line)).as(line).isFalse();
        }
        assertThat(turns(name + "  5  12")).as("without isolation").isTrue();
    }

    /** Whether a figure or a sign outside of isolates is laid out from right to left. */
    private static boolean turns(String line) {
        Bidi layout = new Bidi(line, Bidi.DIRECTION_LEFT_TO_RIGHT);
        int depth = 0;
        for (int i = 0; i < line.length(); i++) {
            char each = line.charAt(i);
            depth += each == '\u2068' ? 1 : each == '\u2069' ? -1 : 0;
            if (depth == 0 && each < '\u0590' && layout.getLevelAt(i) != 0) {
                return true;
            }
        }
        return false;
    }

    @Test
    void status_shows_one_agent_or_json_for_programs() throws IOException {
        as("operator@two", "open", "planner", "--create");
        out.getBuffer().setLength(0);
        assertThat(as("viewer@two", "status", "planner", "--json")).isZero();
        JsonNode one = Remote.JSON.readTree(out.toString());
        assertThat(one.path("state").asText()).isEqualTo("open");
        out.getBuffer().setLength(0);
        assertThat(as("viewer@two", "status", "--prefix", "model:")).isZero();
        assertThat(out.toString()).isEqualTo("No circuits match\n");
        out.getBuffer().setLength(0);
        assertThat(as("viewer@empty", "status")).isZero();
        assertThat(out.toString()).isEqualTo("No circuits yet: none has been called\n");
    }

    @Test
    void a_name_that_nobody_has_heard_of_is_not_overridden_unless_it_is_meant() {
        assertThat(as("operator@slip", "open", "planner", "--create")).isZero();
        out.getBuffer().setLength(0);
        assertThat(as("operator@slip", "open", "planer")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(err.toString())
                .isEqualTo("Nothing was done: there is no agent planer; similar names: planner."
                        + " With --create it is done all the same\n");
        assertThat(out.toString()).isEmpty();
        assertThat(as("viewer@slip", "status")).isZero();
        assertThat(out.toString()).contains("1 circuit: 1 open").doesNotContain("planer ");
        assertThat(as("operator@slip", "open", "planer", "--create")).isZero();
    }

    @Test
    void a_server_that_wants_reasons_gets_one_or_nothing_is_done() {
        try (RunningServer strict = new RunningServer(Map.of("require-reason", "true"))) {
            String[] open = {
                "open", "planner", "--create", "--url", strict.uri("").toString(), "--key", RunningServer.ADMIN_KEY
            };
            assertThat(run(open)).isEqualTo(ExitCode.USAGE);
            assertThat(err.toString())
                    .isEqualTo("Nothing was done: this server needs a reason for each override. Say it with --reason,"
                            + " such as --reason \"the provider is down\"\n");
            List<String> withReason = new ArrayList<>(List.of(open));
            withReason.addAll(List.of("--reason", "the provider is down"));
            assertThat(run(withReason.toArray(String[]::new))).isZero();
        }
    }

    /** At a terminal, which the program script makes. */
    @Test
    void who_sits_at_a_terminal_is_asked_why() throws Exception {
        if (!Files.isExecutable(SCRIPT)) {
            assertThat(Boolean.getBoolean("interlock.ci")).as("needs " + SCRIPT).isFalse();
            System.err.println("There is no " + SCRIPT + " here (apt-get install bsdutils): questions are NOT tested");
            return;
        }
        String command = Path.of(System.getProperty("java.home"), "bin", "java")
                + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "
                + System.getProperty("java.class.path") + " " + Main.class.getName() + " open planer --url "
                + server.uri("") + " --key " + RunningServer.token("operator@asked");
        assertThat(as("operator@asked", "close", "planner", "--create")).isZero();
        Process terminal = new ProcessBuilder(SCRIPT.toString(), "-qec", command, "/dev/null")
                .redirectErrorStream(true)
                .start();
        Writer keyboard = terminal.outputWriter();
        StringBuilder said = new StringBuilder();
        hear(terminal, said, "Why?");
        keyboard.write("the vendor rolls back\n");
        keyboard.flush();
        hear(terminal, said, "[y/N]");
        keyboard.write("y\n");
        keyboard.flush();
        hear(terminal, said, "planer: opened");
        assertThat(terminal.waitFor()).isZero();
        assertThat(said).contains("There is no agent planer; similar names: planner");
        assertThat(RunningServer.json(server.get("/api/v1/circuits/planer", "viewer@asked"))
                        .getString("reason"))
                .isEqualTo("the vendor rolls back");
    }

    private static void hear(Process terminal, StringBuilder said, String text) throws IOException {
        Reader screen = terminal.inputReader();
        while (said.indexOf(text) < 0) {
            int next = screen.read();
            assertThat(next).as("the end, before '" + text + "': " + said).isNotNegative();
            said.append((char) next);
        }
    }

    @Test
    void status_says_what_only_observes() {
        server.send("PUT", "/api/v1/policies/watched", "admin@watch", "{\"mode\":\"observe\"}");
        for (String agent : List.of("watched", "enforced")) {
            server.post(
                    "/api/v1/circuits/" + agent + "/outcomes",
                    "agent@watch",
                    "{\"outcome\":\"failure\",\"kind\":\"LOOP\"}");
        }
        assertThat(as("viewer@watch", "status")).isZero();
        assertThat(out.toString().lines())
                .anyMatch(line -> line.matches("watched +open, observe .*"))
                .anyMatch(line -> line.matches("enforced +open  .*"));
    }

    @Test
    void status_of_one_agent_says_how_its_probe_goes() throws IOException {
        HttpServer provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/", exchange -> {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        provider.start();
        try {
            String url = "http://127.0.0.1:" + provider.getAddress().getPort() + "/v1/models";
            server.send("PUT", "/api/v1/policies/probed", "admin@probes", "{\"probe\":{\"url\":\"" + url + "\"}}");
            server.post(
                    "/api/v1/circuits/probed/outcomes",
                    "agent@probes",
                    "{\"outcome\":\"failure\",\"kind\":\"SERVER_ERROR\"}");
            await().untilAsserted(() -> {
                out.getBuffer().setLength(0);
                assertThat(as("viewer@probes", "status", "probed")).isZero();
                assertThat(out.toString().lines().filter(line -> line.startsWith("  Probe ")))
                        .singleElement()
                        .asString()
                        .matches("  Probe       not trusted, so real calls are tried; the last failed \\ds ago"
                                + " \\(the answer's status was 401\\); the next in \\d+s");
            });
            out.getBuffer().setLength(0);
            server.post("/api/v1/circuits/other/action", "operator@probes", "{\"action\":\"open\"}");
            assertThat(as("viewer@probes", "status", "other")).isZero();
            assertThat(out.toString()).doesNotContain("Probe");
        } finally {
            provider.stop(0);
        }
    }

    @Test
    void keys_are_created_listed_and_revoked() throws IOException {
        assertThat(as(
                        "admin@three",
                        "keys",
                        "create",
                        "--name",
                        "fleet",
                        "--role",
                        "agent",
                        "--agents",
                        "planner-*",
                        "--json"))
                .isZero();
        JsonNode made = Remote.JSON.readTree(out.toString());
        out.getBuffer().setLength(0);
        assertThat(as("admin@three", "keys", "list")).isZero();
        assertThat(out.toString())
                .contains(made.path("id").asText(), "fleet", "planner-*")
                .doesNotContain(made.path("key").asText());
        assertThat(as("admin@three", "keys", "delete", made.path("id").asText()))
                .isZero();
        out.getBuffer().setLength(0);
        assertThat(as("admin@three", "keys", "create", "--name", "eyes", "--role", "viewer"))
                .isZero();
        assertThat(out.toString()).startsWith("il_").endsWith("\n").hasLineCount(1);
        assertThat(err.toString()).contains("it is not shown again");
    }

    @Test
    void watch_shows_a_line_a_change() {
        as("operator@four", "open", "planner", "--create");
        CompletableFuture<Integer> watching =
                CompletableFuture.supplyAsync(() -> as("viewer@four", "watch", "--count", "2"));
        await().until(() -> err.toString().contains("Watching 1 circuit\n"));
        server.post("/api/v1/circuits/planner/action", "operator@four", "{\"action\":\"close\",\"reason\":\"fixed\"}");
        server.post("/api/v1/circuits/planner/action", "operator@four", "{\"action\":\"open\"}");
        assertThat(watching.join()).isZero();
        assertThat(out.toString().lines().skip(1))
                .hasSize(2)
                .allMatch(line -> line.matches("\\d{4}-.*Z {2}four/planner: .* -> .*, by .*"))
                .first()
                .asString()
                .contains("OPEN -> CLOSED", ": fixed");
    }

    @Test
    void watch_shows_when_an_incident_begins_and_when_all_of_it_is_closed() {
        CompletableFuture<Integer> watching =
                CompletableFuture.supplyAsync(() -> as("viewer@seven", "watch", "--count", "4"));
        await().atMost(Duration.ofMinutes(1)).until(() -> err.toString().contains("Watching 0 circuits\n"));
        server.post("/api/v1/circuits/looper/outcomes", "agent@seven", "{\"outcome\":\"failure\",\"kind\":\"LOOP\"}");
        await().atMost(Duration.ofMinutes(1)).until(() -> out.toString().contains("incident of looper began\n"));
        server.post("/api/v1/circuits/looper/action", "operator@seven", "{\"action\":\"close\"}");
        assertThat(watching.orTimeout(1, TimeUnit.MINUTES).join()).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(4).allMatch(line -> line.matches("\\d{4}-.*Z {2}.*"));
        assertThat(lines.get(0)).contains("seven/looper: CLOSED -> OPEN");
        assertThat(lines).last().asString().endsWith("incident of looper: all of its circuits are closed");
    }

    @Test
    void watch_connects_again_and_says_what_changed_meanwhile(@TempDir Path folder) {
        CompletableFuture<Integer> watching;
        int port;
        try (RunningServer first = new RunningServer(Map.of("data-dir", folder.toString()))) {
            port = first.uri("").getPort();
            first.post("/api/v1/circuits/planner/action", "operator@six", "{\"action\":\"open\"}");
            String url = first.uri("").toString();
            watching = CompletableFuture.supplyAsync(
                    () -> run("watch", "--count", "2", "--url", url, "--key", RunningServer.token("viewer@six")));
            await().until(() -> err.toString().contains("Watching 1 circuit\n"));
        }
        await().until(() ->
                err.toString().contains("The connection ended (the server is shutting down; connect again)"));
        try (RunningServer second =
                new RunningServer(Map.of("port", Integer.toString(port), "data-dir", folder.toString()))) {
            second.post("/api/v1/circuits/planner/action", "operator@six", "{\"action\":\"reset\"}");
            await().atMost(Duration.ofMinutes(1)).until(() -> out.toString().contains("planner"));
            second.post("/api/v1/circuits/planner/action", "operator@six", "{\"action\":\"open\"}");
            assertThat(watching.orTimeout(1, TimeUnit.MINUTES).join()).isZero();
        }
        assertThat(out.toString().lines()).hasSize(2).last().asString().contains("six/planner: CLOSED -> OPEN");
    }

    @Test
    void a_server_that_cannot_be_reached_is_reported_with_what_to_do() throws IOException {
        assertThat(run("status", "--url", "http://127.0.0.1:1", "--key", "any")).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(err.toString())
                .startsWith("There is no server at http://127.0.0.1:1 (")
                .contains("Start one with 'interlock serve', or name another with --url or INTERLOCK_URL")
                .hasLineCount(1);
        err.getBuffer().setLength(0);
        assertThat(run("watch", "--url", "http://127.0.0.1:1", "--key", "any")).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(err.toString())
                .startsWith("There is no server at http://127.0.0.1:1 (")
                .hasLineCount(1);
    }

    @Test
    void a_missing_wrong_or_weak_key_is_reported_with_what_to_do() {
        Typed unsigned = new Typed().with("XDG_CONFIG_HOME", "/nowhere");
        assertThat(unsigned.run("status", "--url", url())).isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(unsigned.err())
                .startsWith("There is no key for " + url()
                        + ": sign in with 'interlock login', or put one into INTERLOCK_KEY");
        err.getBuffer().setLength(0);
        for (String command : List.of("status", "watch")) {
            assertThat(run(command, "--url", url(), "--key", "wrong-secret")).isEqualTo(ExitCode.NOT_ALLOWED);
            assertThat(err.toString())
                    .startsWith("The server refused (401): ")
                    .contains("The key came from --key. An admin can create another with 'interlock keys create'")
                    .doesNotContain("wrong-secret");
            err.getBuffer().setLength(0);
        }
        assertThat(as("viewer@five", "open", "planner")).isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(err.toString())
                .startsWith("The server refused (403): ")
                .endsWith("Use the key of a caller who may, or ask an admin for one. See " + url()
                        + "/docs/errors.html#forbidden\n");
    }

    @Test
    void something_else_than_interlock_is_reported() throws IOException {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            byte[] page = "<html>\u001b[31m".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        other.start();
        try {
            String url = "http://127.0.0.1:" + other.getAddress().getPort();
            assertThat(run("status", "--url", url, "--key", "any")).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(err.toString()).startsWith("What answers at " + url + " is no Interlock server");
        } finally {
            other.stop(0);
        }
    }

    @Test
    void wrong_usage_ends_with_2_and_says_what_would_be_right() {
        assertThat(run("hold", "planner", "--url", url(), "--key", "any")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("Either --open or --closed must be given, as in 'interlock hold AGENT --open'\n");
        err.getBuffer().setLength(0);
        assertThat(run("hold", "planner", "--open", "--closed")).isEqualTo(2);
        assertThat(err.toString()).startsWith("--open and --closed: only one of them can be given\n");
        err.getBuffer().setLength(0);
        assertThat(run("hold", "planner", "--open", "--until", "tomorrow", "--url", url(), "--key", "any"))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith("--until = 'tomorrow': must be from now, such as 90s, 30m, 2h or 1d");
        err.getBuffer().setLength(0);
        assertThat(run("status", "--url", "nonsense", "--key", "any")).isEqualTo(2);
        assertThat(err.toString()).startsWith("--url = 'nonsense': must be like http://127.0.0.1:8080");
    }

    @Test
    void no_control_character_reaches_the_terminal() {
        assertThat(Words.clean("a\u001b[31mb\nc\u202ed")).isEqualTo("a?[31mb?c?d");
    }

    private int as(String caller, String... args) {
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(List.of("--url", url(), "--key", RunningServer.token(caller)));
        return run(all.toArray(String[]::new));
    }

    private int run(String... args) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    private static String url() {
        return server.uri("").toString();
    }
}
