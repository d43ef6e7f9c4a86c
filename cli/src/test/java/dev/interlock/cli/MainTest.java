package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void says_its_version() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).matches("interlock \\d+\\.\\d+\\.\\d+\\S*\\R");
    }

    @Test
    void without_a_command_shows_the_usage() {
        assertThat(run()).isZero();
        assertThat(out.toString()).startsWith("Usage: interlock");
    }

    @Test
    void says_without_words_of_java_what_a_number_must_be() {
        assertThat(run("demo", "--port=abc")).isEqualTo(2);
        assertThat(err.toString()).startsWith("--port = 'abc': must be a whole number\n");
    }

    @Test
    void refuses_an_unknown_option_with_exit_code_2() {
        assertThat(run("--wrong")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("There is no option --wrong; 'interlock' takes --help, --version\n")
                .endsWith("Try 'interlock --help'.\n");
    }

    @Test
    void refuses_an_unknown_command_and_says_which_there_are() {
        assertThat(run("reply")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith(
                        "'reply': there is no such command: must be one of serve, proxy, demo, replay, status, describe, incidents");
    }

    @Test
    void a_command_is_described_alone_and_is_the_same_as_among_all() {
        Map<String, CommandLine> all = Main.commandLine().getSubcommands();
        assertThat(all).hasSizeGreaterThan(10);
        all.forEach((name, command) -> {
            Map<String, CommandLine> alone = Main.commandLine(name, "--help").getSubcommands();
            if (Main.ABOUT_ALL.contains(name)) {
                assertThat(alone).containsOnlyKeys(all.keySet());
            } else {
                assertThat(alone).containsOnlyKeys(name);
            }
            assertThat(alone.get(name).getUsageMessage()).isEqualTo(command.getUsageMessage());
            assertThat(command.getCommandName()).isEqualTo(name);
        });
    }

    @Test
    void help_shows_what_there_is_and_describes_one_command() {
        assertThat(run("help")).isZero();
        assertThat(out.toString()).startsWith("Usage: interlock").contains("\n  events ", "\n  completion ");
        out.getBuffer().setLength(0);
        assertThat(run("help", "events")).isZero();
        String help = out.toString();
        out.getBuffer().setLength(0);
        assertThat(run("events", "--help")).isZero();
        assertThat(help).isEqualTo(out.toString()).contains("--since", "docs/cli.md");
    }

    private int run(String... args) {
        return Main.commandLine(args)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
