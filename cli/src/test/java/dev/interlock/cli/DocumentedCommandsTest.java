package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs the commands of README.md and docs, word for word, as a new user would: the start script builds what it needs. */
@Tag("heavy")
@Tag("thorough")
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));

    /** What goes on until it is stopped, and by which words of it one sees that it does what it says. */
    private static final Map<String, Pattern> ENDLESS = Map.of(
            "./interlock demo", Pattern.compile("(?s)dashboard +http://.*\\d:\\d\\d  open .*\\d:\\d\\d  closed "));

    /** Pages whose commands are run as projects of their own. */
    private static final Pattern ELSEWHERE = Pattern.compile("five-minutes.*|typescript\\.md");

    /** What runs this test, and so needs no other. */
    private static final List<String> ITSELF = List.of("./mvnw verify");

    @TestFactory
    Stream<DynamicTest> everyCommandDoesWhatItSays() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path document : documents()) {
            for (String command : commands(Files.readString(document))) {
                if (!ITSELF.contains(command)) {
                    tests.add(DynamicTest.dynamicTest(
                            ROOT.relativize(document) + ": " + command, () -> assertThatItRuns(command)));
                }
            }
        }
        assertThat(tests).as("commands in the documents").isNotEmpty();
        return tests.stream();
    }

    /** {@code -Xshare:on} lets the JVM start only if it can read them. */
    @Test
    void theStartScriptKeepsTheClassesOfEachJarReady() throws IOException, InterruptedException {
        Map<String, String> onlyWithThem = Map.of("INTERLOCK_JAVA_OPTS", "-Xshare:on");
        assertThatItRuns("./interlock status --help"); // builds, unless there is a jar that is newer than the sources
        Path jar = ROOT.resolve("cli/target/interlock.jar");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now())); // as one that Maven alone has made
        assertThatItRuns("./interlock serve --help", onlyWithThem);
        assertThatItRuns("./interlock status --help", onlyWithThem);
    }

    private static void assertThatItRuns(String command) throws IOException, InterruptedException {
        assertThatItRuns(command, Map.of());
    }

    private static void assertThatItRuns(String command, Map<String, String> environment)
            throws IOException, InterruptedException {
        assertThat(command).as("a command that a test can run").startsWith("./interlock ");
        Path output = Files.createTempFile("interlock", ".txt");
        try {
            ProcessBuilder shell = new ProcessBuilder("sh", "-c", "exec " + command)
                    .directory(ROOT.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            shell.environment().putAll(environment);
            Process process = shell.start();
            process.getOutputStream().close();
            Pattern enough = ENDLESS.get(command);
            if (enough != null) {
                await().atMost(10, TimeUnit.MINUTES)
                        .until(() -> !process.isAlive()
                                || enough.matcher(Files.readString(output)).find());
                process.destroy(); // SIGTERM, which stops it as Ctrl-C does
            }
            boolean ended = process.waitFor(10, TimeUnit.MINUTES);
            process.destroyForcibly();
            String said = Files.readString(output);
            assertThat(ended).as("ended; it said: " + said).isTrue();
            assertThat(process.exitValue()).as("exit code; it said: " + said).isZero();
            assertThat(said).isNotBlank();
            if (enough != null) {
                assertThat(said).containsPattern(enough);
            }
        } finally {
            Files.delete(output);
        }
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md"))
                    .filter(file ->
                            !ELSEWHERE.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .forEach(documents::add);
        }
        return documents;
    }

    /** The lines of the sh blocks. */
    private static List<String> commands(String document) {
        List<String> commands = new ArrayList<>();
        boolean inside = false;
        for (String line : document.lines().toList()) {
            if (line.startsWith("```")) {
                inside = !inside && line.equals("```sh");
            } else if (inside && !line.isBlank() && !line.startsWith("#")) {
                commands.add(line.strip());
            }
        }
        return commands;
    }
}
