package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the models of gates, callers and chains as docs/model/README.md says, each in a JVM of its own. */
@Tag("heavy")
@Tag("thorough")
class RuleModelsTest {
    private static final Path MODELS = Path.of(System.getProperty("interlock.root", ".."), "docs", "model");

    private static Path classes;

    @BeforeAll
    static void compile() throws IOException {
        classes = Files.createTempDirectory("models-");
        List<String> arguments = new ArrayList<>(List.of("-Xlint:all", "-Werror", "-d", classes.toString()));
        try (Stream<Path> files = Files.list(MODELS)) {
            files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
    }

    @AfterAll
    static void delete() throws IOException {
        try (Stream<Path> files = Files.list(classes)) {
            files.map(Path::toFile).forEach(File::delete);
        }
        Files.delete(classes);
    }

    @Test
    void gates() throws IOException, InterruptedException {
        holdsAndBreaks("Gates", 8, 12, "AGREE:", "BACK:", "JOIN:", "RESUME:", "STOP:", "STORED:", "VERSION:");
    }

    @Test
    void callers() throws IOException, InterruptedException {
        holdsAndBreaks("Callers", 4, 8, "BLAME:", "LAST:", "MANY:");
    }

    @Test
    void chains() throws IOException, InterruptedException {
        holdsAndBreaks("Chains", 5, 10, "CAP:", "LOST:", "ONCE:", "PARENT:", "PLACE:", "TWICE:", "WAIT:");
    }

    /** All promises hold, and one breaks without each of the fixes. */
    private static void holdsAndBreaks(String model, int scenarios, int fixes, String... promises)
            throws IOException, InterruptedException {
        String whole = run(model);
        assertThat(whole).endsWith("All promises hold.\n");
        assertThat(whole.lines().filter(line -> line.contains(" worlds, "))).hasSize(scenarios);

        String output = run(model, "--without", "all");
        List<String> ofFixes = Stream.of(output.split("(?m)^Without "))
                .filter(text -> !text.isBlank())
                .toList();
        assertThat(ofFixes).hasSize(fixes).allSatisfy(text -> assertThat(text).contains("after these steps"));
        assertThat(output).contains(promises);
    }

    private static String run(String model, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                classes.toString(),
                model));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
