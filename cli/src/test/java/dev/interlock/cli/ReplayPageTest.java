package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code docs/replay.md} and {@code docs/choosing-a-policy.md} show is what the command says. After a change of the output, {@code
 * -Dinterlock.write=true} writes the page again.
 */
class ReplayPageTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final List<Path> PAGES =
            List.of(ROOT.resolve("docs/replay.md"), ROOT.resolve("docs/choosing-a-policy.md"));
    private static final String SAMPLES = ROOT.resolve("samples") + "/";
    private static final Pattern CONSOLE =
            Pattern.compile("```console\n\\$ ./interlock ([^\n]*)\n(.*?)```", Pattern.DOTALL);

    private static final Pattern CSV = Pattern.compile("```csv\n(.*?)```", Pattern.DOTALL);

    private record Example(String command, String output) {
        @Override
        public String toString() {
            return command;
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shows_what_the_command_says(Example example) {
        assertThat(run(example.command)).isEqualTo(example.output);
    }

    @Test
    void pages_of_the_present_output_can_be_written() throws IOException {
        for (Path file : PAGES) {
            if (!Boolean.getBoolean("interlock.write")) {
                assertThat(Files.readString(file)).contains("median s to");
                continue;
            }
            String page = CONSOLE.matcher(Files.readString(file))
                    .replaceAll(example -> Matcher.quoteReplacement(
                            "```console\n$ ./interlock " + example.group(1) + "\n" + run(example.group(1)) + "```"));
            Files.writeString(file, page);
        }
    }

    @Test
    void the_file_of_a_policy_is_the_one_that_the_page_shows() throws IOException {
        assertThat(Files.readString(PAGES.get(1)))
                .contains("`samples/eager.yaml`:\n\n```yaml\n" + Files.readString(Path.of(SAMPLES, "eager.yaml"))
                        + "```");
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent", "target"})
    void the_log_that_the_page_shows_can_be_replayed(String by, @TempDir Path folder) throws IOException {
        Matcher log = CSV.matcher(Files.readString(PAGES.get(1)));
        assertThat(log.find()).isTrue();
        Path whole = Files.writeString(folder.resolve("log.csv"), log.group(1));
        Path withoutKinds =
                Files.writeString(folder.resolve("short.csv"), log.group(1).replaceAll("(?m),[^,\n]*$", ""));

        for (Path each : List.of(whole, withoutKinds)) {
            assertThat(run("replay " + each + " --policy recommended --by " + by))
                    .contains(": 2 calls from ");
        }
        assertThat(withoutKinds).content().startsWith("time,agent,target,duration_ms,ok\n");
    }

    static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (Path page : PAGES) {
            Matcher console = CONSOLE.matcher(Files.readString(page));
            while (console.find()) {
                examples.add(new Example(console.group(1), console.group(2)));
            }
        }
        return examples;
    }

    private static String run(String command) {
        StringWriter out = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .execute(command.replace("samples/", SAMPLES).split(" "));
        assertThat(exitCode).isZero();
        return out.toString().replace(SAMPLES, "samples/");
    }
}
