package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts for completion, in the shells themselves where they are here. */
class CompletionTest {
    private final Typed typed = new Typed();

    @TempDir
    private Path folder;

    private Path script(String shell) throws IOException {
        assertThat(typed.run("completion", shell)).isZero();
        assertThat(typed.err()).isEmpty();
        return Files.writeString(folder.resolve("completion." + shell), typed.out());
    }

    @Test
    void bash_completes_commands_options_and_values() throws Exception {
        Path script = script("bash");
        assertThat(completedByBash(script, "interlock", "in")).containsExactly("incidents");
        assertThat(completedByBash(script, "interlock", "status", "--ex")).contains("--exit-code");
        assertThat(completedByBash(script, "interlock", "status", "--state", "o"))
                .containsExactly("open");
        assertThat(completedByBash(script, "interlock", "events", "-o", "w")).containsExactly("wide");
        assertThat(completedByBash(script, "interlock", "policies", "s")).contains("set", "show");
        assertThat(completedByBash(script, "interlock", "completion", "f")).containsExactly("fish");
    }

    /** What the function offers that the script registers, as bash calls it when Tab is pressed. */
    private List<String> completedByBash(Path script, String... words) throws Exception {
        String last = Integer.toString(words.length - 1);
        return said(
                "bash",
                "--norc",
                "-c",
                "source '" + script + "'; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD=" + last
                        + "; COMP_LINE='" + String.join(" ", words) + "'; COMP_POINT=${#COMP_LINE};"
                        + " f=$(complete -p interlock | sed 's/.*-F \\([^ ]*\\).*/\\1/');"
                        + " $f interlock \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\" 2>/dev/null;"
                        + " printf '%s\\n' \"${COMPREPLY[@]}\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zsh", "fish"})
    void other_shells_read_the_script(String shell) throws Exception {
        Path script = script(shell);
        if (!isThere(shell)) {
            System.err.println("There is no " + shell + " here: its reading of the script is NOT tested");
            return;
        }
        assertThat(said(shell, "-c", ". '" + script + "' && echo read")).containsExactly("read");
    }

    @Test
    void the_script_of_zsh_is_that_of_bash_with_what_zsh_needs_for_it() throws IOException {
        assertThat(Files.readString(script("zsh")))
                .isEqualTo(Files.readString(script("bash")))
                .contains("bashcompinit");
    }

    @Test
    void fish_completes_commands_options_and_values() throws IOException {
        List<String> lines = Files.readAllLines(script("fish"));
        assertThat(lines)
                .contains(
                        "complete -c interlock -f",
                        "complete -c interlock -n '__fish_use_subcommand' -a 'agents' -d 'Lists agents and what they"
                                + " depend on, with the state of their circuits and their health.'",
                        "complete -c interlock -n '__fish_seen_subcommand_from status' -l state -x -a 'open half_open"
                                + " closed held' -d 'only circuits that are open, half_open or closed, or held by somebody'",
                        "complete -c interlock -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'")
                .anyMatch(line -> line.contains("__fish_seen_subcommand_from policies; and not"
                        + " __fish_seen_subcommand_from list show set delete' -a 'set'"))
                .anyMatch(line -> line.contains(" -l cacert -r -F -d "));
        assertThat(lines).as("one line each").allMatch(line -> line.startsWith("complete ") || line.startsWith("#"));
        assertThat(lines)
                .as("quotes")
                .allMatch(line ->
                        line.replace("\\'", "").chars().filter(c -> c == '\'').count() % 2 == 0);
    }

    @Test
    void another_shell_is_refused() {
        assertThat(typed.run("completion", "tcsh")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("SHELL = 'tcsh': must be bash, zsh or fish\n");
        assertThat(typed.run("completion")).isEqualTo(ExitCode.USAGE);
        assertThat(typed.err()).startsWith("SHELL is missing: must be given, as in 'interlock completion SHELL'\n");
    }

    private static boolean isThere(String shell) {
        return List.of("/bin/", "/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/").stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder + shell)));
    }

    private static List<String> said(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return said.lines().filter(line -> !line.isBlank()).toList();
    }
}
