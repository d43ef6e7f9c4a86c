package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a process of its own, looked at by its lines and over its API; and as far as it goes without one. */
class DemoCommandTest {
    private static final Pattern EVENT = Pattern.compile("\\s*\\d+:\\d\\d  (\\S+) +([^ ]+?):? .*");

    /** How a story ends. */
    private static final List<String> ENDING = List.of("incident", "alert", "stop", "resume");

    /** Where the process makes its temporary files: nothing may be left there. */
    @TempDir
    private Path temporary;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void nothing_goes_on() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void wrong_options_are_reported_with_exit_code_2() {
        StringWriter err = new StringWriter();
        assertThat(run(err, "--port", "70000")).isEqualTo(2);
        assertThat(err.toString()).startsWith("--port = 70000: must be 0 to 65535\n");
        assertThat(run(err, "--seed", "new")).isEqualTo(2);
        assertThat(err.toString()).contains("--seed = ", "'new'");
    }

    @Test
    void a_port_that_is_taken_is_reported_in_one_line_with_exit_code_1() throws IOException {
        StringWriter err = new StringWriter();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(run(err, "--port", port)).isEqualTo(1);
            assertThat(err.toString())
                    .isEqualTo("Port " + port
                            + " is taken. Choose another with --port, or leave --port out: then a free one is"
                            + " taken.\n");
        }
    }

    private static int run(StringWriter err, String... options) {
        List<String> all = new ArrayList<>(List.of("demo"));
        all.addAll(List.of(options));
        return Main.commandLine().setErr(new PrintWriter(err, true)).execute(all.toArray(String[]::new));
    }

    @Test
    @Tag("heavy")
    @Tag("thorough")
    void a_circuit_opens_and_closes_again_and_ctrl_c_leaves_nothing_behind() throws Exception {
        Process demo = start("--port", "0", "--seed", "1", "--fast");
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = demo.inputReader(StandardCharsets.UTF_8)) {
            URI address = URI.create(after(out, lines, "dashboard"));
            assertThat(after(out, lines, "documents")).isEqualTo(address + "docs/");
            String viewer = after(out, lines, "viewer's key");
            String operator = after(out, lines, "operator's key");
            String opened = event(out, lines, "open", null);
            event(out, lines, "closed", opened);

            assertThat(get(address, "", null).body()).contains("Interlock");
            assertThat(get(address, "api/v1/circuits/", viewer).body()).contains("\"" + opened + "\"", "\"planner\"");
            assertThat(get(address, "api/v1/me", viewer).body()).contains("\"viewer\"");
            assertThat(get(address, "api/v1/me", operator).body()).contains("\"operator\"");
            for (String each : ENDING) {
                if (lines.stream().noneMatch(line -> isOf(line, each))) {
                    event(out, lines, each, null);
                }
            }
            // The incident's own line comes from a look at the server now and then, the alert from the server by
            // itself.
            assertThat(ENDING.stream().skip(1).map(each -> first(lines, each)).toList())
                    .as("the first alert, stop and resume in " + String.join("\n", lines))
                    .isSorted();
            assertThat(order(address, operator).statusCode()).isEqualTo(200);
            event(out, lines, "action", "tool:calendar");
            assertThat(lines).last().asString().contains("held open by demo operator, who says: only to see it");
            try (Stream<Path> present = Files.list(temporary)) {
                assertThat(present).as("temporary files while it runs").isNotEmpty();
            }

            interrupt(demo);
            out.lines().forEach(lines::add);
        }
        assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).isZero();
        assertThat(lines).last().asString().startsWith("Stopped. In ").endsWith("Nothing is left behind.");
        assertThat(String.join("\n", lines))
                .doesNotContain("Exception", "\tat ", "\u001b")
                .contains("uses", "instead of model:")
                .contains("(look: first of all on the page Fleet")
                .containsPattern("incident +\\S+ is the cause: \\d+ agents? depends? on it")
                .containsPattern("alert +Incident: ")
                .containsPattern("stop +calls that use model:\\S+ are refused, by demo operator, who says: ")
                .containsPattern("resume +model:\\S+ is called again; \\d+ calls? (was|were) refused");
        assertThat(lines.stream().filter(line -> EVENT.matcher(line).matches()))
                .as("what to look at")
                .allMatch(line -> line.endsWith(")") && line.contains(" (look: "));
        assertThat(ending())
                .as("the page's ending, whatever the numbers are")
                .hasSize(ENDING.size())
                .allSatisfy(shown -> assertThat(lines)
                        .anyMatch(line -> Pattern.matches(anyNumbers(withoutLook(shown)), withoutLook(line))));
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(file -> !file.endsWith("hsperfdata_" + System.getProperty("user.name"))))
                    .as("temporary files after the end")
                    .isEmpty();
        }
    }

    @Test
    @Tag("heavy")
    @Tag("thorough")
    void it_ends_by_itself_when_nobody_reads_it_any_more() throws Exception {
        Process demo = start("--port", "0", "--seed", "1", "--fast");
        try (BufferedReader out = demo.inputReader(StandardCharsets.UTF_8)) {
            after(out, new ArrayList<>(), "dashboard");
        }
        assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).isZero();
    }

    /** The lines of the ending that {@code docs/demo.md} shows. */
    private static List<String> ending() throws IOException {
        String page = Files.readString(Path.of(System.getProperty("interlock.root", ".."), "docs", "demo.md"));
        String shown = page.substring(page.indexOf("<!-- ending -->"), page.indexOf("<!-- end of ending -->"));
        return shown.lines().filter(line -> EVENT.matcher(line).matches()).toList();
    }

    /** A line as a pattern, with the time and all counts left open. */
    /** Which of several incidents is the first one, whose line says more, depends on the machine. */
    private static String withoutLook(String line) {
        return line.replaceFirst(" \\(look: .*", "");
    }

    private static String anyNumbers(String line) {
        return " *"
                + Pattern.quote(" " + line.strip())
                        .replaceAll("(?<![\\w-])\\d+(?!\\w)", "\\\\E\\\\d+\\\\Q")
                        .replaceFirst("calls? (was|were)", "\\\\E(call was|calls were)\\\\Q")
                        .replaceFirst("agents? depends?", "\\\\E(agent depends|agents depend)\\\\Q");
    }

    private static int first(List<String> lines, String kind) {
        return IntStream.range(0, lines.size())
                .filter(i -> isOf(lines.get(i), kind))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isOf(String line, String kind) {
        Matcher event = EVENT.matcher(line);
        return event.matches() && event.group(1).equals(kind);
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>();
        if (canUnignore()) {
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                "demo"));
        command.addAll(List.of(options));
        Process demo = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(demo);
        return demo;
    }

    /** A shell that runs something in the background makes it ignore Ctrl-C, and its children, too. */
    private static boolean canUnignore() {
        try {
            return new ProcessBuilder("env", "--default-signal=INT", "true")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noSuchProgram) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void interrupt(Process demo) throws Exception {
        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(demo.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** The word after a label of the head. */
    private static String after(BufferedReader out, List<String> lines, String label) throws IOException {
        String line;
        while ((line = out.readLine()) != null) {
            lines.add(line);
            if (line.strip().startsWith(label)) {
                return line.strip().substring(label.length()).strip().split(" ")[0];
            }
        }
        throw new AssertionError("It ended before it said the " + label + ":\n" + String.join("\n", lines));
    }

    /** Whose the next event of a kind is; of a certain circuit, if one is named. */
    private static String event(BufferedReader out, List<String> lines, String kind, String circuit)
            throws IOException {
        String line;
        while ((line = out.readLine()) != null) {
            lines.add(line);
            Matcher event = EVENT.matcher(line);
            if (event.matches()
                    && event.group(1).equals(kind)
                    && (circuit == null || event.group(2).equals(circuit))) {
                return event.group(2);
            }
        }
        throw new AssertionError("It ended before " + kind + ":\n" + String.join("\n", lines));
    }

    private static HttpResponse<String> get(URI address, String path, String key) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve(path));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> order(URI address, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/api/v1/circuits/tool:calendar/action"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"action\": \"hold_open\", \"reason\": \"only to see it\"}"))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }
}
