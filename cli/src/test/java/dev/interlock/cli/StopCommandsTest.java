package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Stop, resume and overrides for many, as people type them, against a real server. */
class StopCommandsTest {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final Path PAGE = Path.of(System.getProperty("interlock.root", ".."), "docs", "gates.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```console\\n(.*?)^```$");
    private static final Pattern ARGUMENT = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    private static RunningServer server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void the_commands_of_the_page_do_what_it_says() throws IOException {
        for (String agent : List.of("planner-1", "planner-2")) {
            assertThat(as("operator@page", "open", agent, "--create")).isZero();
        }
        Matcher block = BLOCK.matcher(Files.readString(PAGE));
        int commands = 0;
        while (block.find()) {
            for (String line : block.group(1).lines().toList()) {
                out.getBuffer().setLength(0);
                List<String> arguments = new ArrayList<>();
                Matcher argument = ARGUMENT.matcher(line.replaceFirst("^\\./interlock ", ""));
                while (argument.find()) {
                    arguments.add(argument.group().replaceAll("^['\"]|['\"]$", ""));
                }
                assertThat(as("operator@page", arguments.toArray(String[]::new)))
                        .as(line + "\n" + err)
                        .isZero();
                assertThat(out.toString()).as(line).isNotBlank();
                commands++;
            }
        }
        assertThat(commands).isGreaterThan(5);
    }

    @Test
    void a_stop_says_who_confirmed_is_listed_and_is_resumed_by_its_id() {
        assertThat(as("operator@one", "stop", "--upstream", "model:m", "--reason", "wrong answers", "--yes"))
                .isZero();
        assertThat(out.toString()).isEqualTo("Stopped: calls that use model:m\nConfirmed by 1 process\n");
        assertThat(err.toString()).isEqualTo("To go on: interlock resume 'stop:upstream:model:m'\n");
        clear();
        assertThat(as("viewer@one", "gates")).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines.get(0)).startsWith("ID").contains("COVERS").contains("UNTIL");
        assertThat(lines.get(1))
                .startsWith("stop:upstream:model:m  upstream model:m  ")
                .contains(" operator (token of tests)  wrong answers");
        clear();
        assertThat(as("operator@one", "resume", "stop:upstream:model:m")).isZero();
        assertThat(out.toString()).startsWith("Resumed: stop:upstream:model:m\n");
        clear();
        assertThat(as("viewer@one", "gates")).isZero();
        assertThat(out.toString()).isEqualTo("Nothing is stopped\n");
        clear();
        assertThat(as("viewer@one", "gates", "--changes")).isZero();
        assertThat(out.toString()).containsSubsequence("resumed", "stopped");
        assertThat(as("operator@one", "resume", "--upstream", "model:m")).isNotZero();
        assertThat(err.toString())
                .isEqualTo("Nothing is stopped by a stop of calls that use model:m; 'interlock gates' lists what is\n");
        clear();
        assertThat(as("operator@one", "resume", "stop:upstream:model:m")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(err.toString())
                .isEqualTo(
                        "Nothing is stopped under the id 'stop:upstream:model:m'; 'interlock gates' lists what is\n");
        clear();
        assertThat(as("operator@one", "resume", "--all")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(err.toString())
                .isEqualTo("Nothing is stopped by a stop of every call of the organization; 'interlock gates' lists"
                        + " what is\n");
    }

    @Test
    void without_somebody_to_ask_nothing_is_stopped_or_overridden() {
        assertThat(as("operator@quiet", "open", "planner-1", "--create")).isZero();
        clear();
        assertThat(as("operator@quiet", "stop", "--all")).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("Nothing was done: this would stop every call of quiet, 1 agent at the moment."
                        + " With --yes it is done\n");
        clear();
        assertThat(as("operator@quiet", "close", "--pattern", "planner-*")).isEqualTo(1);
        assertThat(err.toString())
                .contains("close: changes 1 of 1 circuits found:\n  planner-1  open\n")
                .endsWith("Nothing was done. With --yes it is done\n");
        clear();
        assertThat(as("viewer@quiet", "gates")).isZero();
        assertThat(out.toString()).isEqualTo("Nothing is stopped\n");
    }

    @Test
    void many_are_overridden_after_a_preview_and_undone_where_nobody_came_in_between() {
        for (int i = 1; i <= 3; i++) {
            assertThat(as("operator@many", "open", "planner-" + i, "--create")).isZero();
        }
        clear();
        assertThat(as("operator@many", "hold", "--open", "--query", "state:open plan", "--dry-run"))
                .isZero();
        assertThat(out.toString())
                .isEqualTo("hold open: changes 3 of 3 circuits found:\n"
                        + "  planner-1  open\n  planner-2  open\n  planner-3  open\n");
        clear();
        assertThat(as("operator@many", "hold", "--open", "--query", "state:open plan", "--yes"))
                .isZero();
        assertThat(out.toString()).isEqualTo("3 circuits: hold open\n");
        String id = err.toString().replaceAll("(?s).*interlock undo (\\S+)\n", "$1");
        assertThat(as("operator@many", "close", "planner-2")).isZero();
        clear();
        assertThat(as("operator@many", "undo", id)).isZero();
        assertThat(out.toString()).isEqualTo("2 circuits: undone\n");
        assertThat(err.toString()).contains("Left as it is: planner-2. It has changed since: it is closed now\n");
        clear();
        assertThat(as("operator@many", "undo", id)).isZero();
        assertThat(out.toString()).matches("Nothing was undone: it was undone already, \\S+Z, by operator.*\n");
        clear();
        assertThat(as("operator@many", "undo", "no-such")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(err.toString())
                .isEqualTo("There is no override of many with the id 'no-such', or it is too long ago; 'interlock undo'"
                        + " lists them\n");
        clear();
        assertThat(as("viewer@many", "undo", "-o", "name")).isZero();
        assertThat(out.toString().lines()).hasSize(2).last().isEqualTo(id);
        clear();
        assertThat(as("viewer@many", "undo")).isZero();
        assertThat(out.toString()).contains(id).contains("hold_open").contains("state:open plan");
    }

    /** It is acknowledged as any override that repeats what is so, and may be of the wrong name. */
    @Test
    void an_override_that_changes_nothing_says_so() {
        assertThat(as("operator@again", "close", "planner", "--create")).isZero();
        clear();
        assertThat(as("operator@again", "release", "planner")).isZero();
        assertThat(out.toString()).isEqualTo("Nothing to release: nobody holds planner\n");
        clear();
        assertThat(as("operator@again", "hold", "planner", "--open")).isZero();
        assertThat(out.toString()).isEqualTo("planner: held open\n");
        clear();
        assertThat(as("operator@again", "hold", "planner", "--open")).isZero();
        assertThat(out.toString()).isEqualTo("planner: was held open already\n");
        clear();
        assertThat(as("operator@again", "status", "--state", "held", "-o", "name"))
                .isZero();
        assertThat(out.toString()).isEqualTo("planner\n");
        clear();
        assertThat(as("operator@again", "release", "planner")).isZero();
        assertThat(as("operator@again", "status", "--state", "held")).isZero();
        assertThat(out.toString()).isEqualTo("planner: released\nNo circuits match\n");
    }

    @Test
    void what_does_not_belong_together_is_wrong_usage() {
        assertThat(as("operator@wrong", "close")).isEqualTo(2);
        assertThat(as("operator@wrong", "close", "planner", "--pattern", "plan*"))
                .isEqualTo(2);
        assertThat(as("operator@wrong", "close", "--pattern", "a*", "--query", "a"))
                .isEqualTo(2);
        assertThat(as("operator@wrong", "close", "planner", "--dry-run")).isEqualTo(2);
        assertThat(as("operator@wrong", "close", "--pattern", "a*", "--create")).isEqualTo(2);
        clear();
        assertThat(as("operator@wrong", "stop")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("Either --all or --agents or --upstream must be given, as in 'interlock stop --all'\n");
        assertThat(as("operator@wrong", "stop", "--all", "--agents", "a*")).isEqualTo(2);
        assertThat(as("operator@wrong", "stop", "--all", "--until", "soon")).isEqualTo(2);
        assertThat(as("operator@wrong", "resume")).isEqualTo(2);
    }

    @Test
    void a_person_types_the_name_of_what_is_stopped() throws IOException, InterruptedException {
        if (!Files.isExecutable(SCRIPT)) {
            assertThat(Boolean.getBoolean("interlock.ci")).as("needs " + SCRIPT).isFalse();
            System.err.println("There is no " + SCRIPT + " here (apt-get install bsdutils): questions are NOT tested");
            return;
        }
        String command = Path.of(System.getProperty("java.home"), "bin", "java")
                + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "
                + System.getProperty("java.class.path") + " " + Main.class.getName() + " stop --all --url "
                + server.uri("") + " --key " + RunningServer.token("operator@typed");
        Process terminal = new ProcessBuilder(SCRIPT.toString(), "-qec", command, "/dev/null")
                .redirectErrorStream(true)
                .start();
        Writer keyboard = terminal.outputWriter();
        StringBuilder said = new StringBuilder();
        hear(terminal, said, "Type typed to go on");
        keyboard.write("typed\n");
        keyboard.flush();
        hear(terminal, said, "Why?");
        keyboard.write("an attack\n");
        keyboard.flush();
        hear(terminal, said, "Stopped: every call of typed");
        assertThat(terminal.waitFor()).isZero();
        assertThat(as("viewer@typed", "gates")).isZero();
        assertThat(out.toString()).contains("everything").contains("an attack");
    }

    private static void hear(Process terminal, StringBuilder said, String text) throws IOException {
        Reader screen = terminal.inputReader();
        while (said.indexOf(text) < 0) {
            int next = screen.read();
            assertThat(next).as(said.toString()).isNotNegative();
            said.append((char) next);
        }
    }

    private void clear() {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
    }

    private int as(String caller, String... args) {
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(List.of("--url", server.uri("").toString(), "--key", RunningServer.token(caller)));
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }
}
