package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Needed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs every bash and Python block of docs/*.md and docs/operations/*.md against a real server, from top to bottom, as a reader would. */
@Tag("heavy")
@Tag("thorough")
class ExamplesTest {
    private static final Path DOCS = Path.of(System.getProperty("interlock.root", ".."), "docs");
    private static final Path PAGE = DOCS.resolve("api.md");
    private static final Pattern BLOCK =
            Pattern.compile("^```(bash|python)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern OPERATION = Pattern.compile("^  (/\\S*):$", Pattern.MULTILINE);

    /** Settings that the blocks of a page need; a secret's file is made for the test. */
    private static final Pattern SETTINGS =
            Pattern.compile("^```yaml\\n# interlock.yaml\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private record Block(String language, String text) {}

    @TestFactory
    List<DynamicTest> every_example_does_what_it_says() throws IOException, InterruptedException {
        for (String program : List.of("curl", "python3", "bash")) {
            Needed.program(program, program, "the examples of all pages");
        }
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> docs = Files.list(DOCS);
                Stream<Path> operations = Files.list(DOCS.resolve("operations"))) {
            for (Path page : Stream.concat(docs, operations)
                    .filter(each -> each.toString().endsWith(".md"))
                    .filter(each -> !each.endsWith("operations/backup.md")) // run by PostgresBackupTest
                    .filter(each -> !each.endsWith("operations/runbook.md")) // run by RunbookTest
                    .filter(each -> !each.equals(DOCS.resolve("proxy.md"))) // run by ProxyInFiveMinutesTest
                    .sorted()
                    .toList()) {
                String text = Files.readString(page);
                List<Block> blocks = blocks(text);
                if (!blocks.isEmpty()) {
                    tests.add(
                            DynamicTest.dynamicTest(page.getFileName().toString(), () -> run(blocks, settings(text))));
                }
            }
        }
        assertThat(tests).hasSizeGreaterThan(1);
        assertThat(blocks(Files.readString(PAGE))).hasSizeGreaterThan(20);
        return tests;
    }

    /** What the page says belongs into the server's file; empty if it says nothing. */
    private static String settings(String page) {
        Matcher settings = SETTINGS.matcher(page);
        return settings.find() ? settings.group(1) : "";
    }

    private static void run(List<Block> blocks, String settings) throws IOException, InterruptedException {
        Path secret = Files.writeString(Files.createTempFile("interlock", ".key"), "a-key-of-the-provider");
        Path file = Files.createTempFile("interlock", ".yaml");
        Files.writeString(file, settings.replace("/run/secrets/provider-key", secret.toString()));
        StringBuilder python = new StringBuilder();
        try (RunningServer server = RunningServer.with(file)) {
            String url = server.uri("").toString();
            for (Block block : blocks) {
                if (block.language().equals("bash")) {
                    run(url, block.text(), "bash", "-e", "-u", "-o", "pipefail", "-c", block.text());
                } else {
                    // A block may use what those before it defined, but does not do again what they did.
                    run(url, block.text(), "python3", "-c", python + block.text());
                    python.append(definitions(block.text()));
                }
            }
        } finally {
            Files.delete(file);
            Files.delete(secret);
        }
    }

    @Test
    void every_call_of_the_contract_is_on_the_page() throws IOException {
        String page = Files.readString(PAGE);
        String contract;
        try (var in = ExamplesTest.class.getResourceAsStream("/dev/interlock/server/openapi.yaml")) {
            contract = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> paths = new ArrayList<>();
        Matcher path =
                OPERATION.matcher(contract.substring(contract.indexOf("\npaths:"), contract.indexOf("\ncomponents:")));
        while (path.find()) {
            paths.add(path.group(1));
        }
        assertThat(paths)
                .hasSizeGreaterThan(10)
                .allSatisfy(each -> assertThat(page).contains(each));
    }

    private static void run(String url, String shown, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("interlock", ".txt");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().put("INTERLOCK_URL", url);
            builder.environment().put("INTERLOCK_KEY", RunningServer.ADMIN_KEY);
            builder.environment()
                    .put("PYTHONPATH", DOCS.resolveSibling("clients/python").toString());
            builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
            Process process = builder.start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(1, TimeUnit.MINUTES);
            process.destroyForcibly();
            String said = Files.readString(output);
            assertThat(ended).as("%s%n said: %s", shown, said).isTrue();
            assertThat(process.exitValue())
                    .as("exit code of%n%s%n It said: %s", shown, said)
                    .isZero();
        } finally {
            Files.delete(output);
        }
    }

    /** Imports, constants and functions. */
    private static String definitions(String python) {
        StringBuilder kept = new StringBuilder();
        boolean inFunction = false;
        for (String line : python.lines().toList()) {
            inFunction = line.startsWith("def ") || (inFunction && (line.isBlank() || line.startsWith(" ")));
            if (inFunction || line.startsWith("import ") || line.matches("[A-Z]+ = .*")) {
                kept.append(line).append('\n');
            }
        }
        return kept.append('\n').toString();
    }

    private static List<Block> blocks(String page) {
        List<Block> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(page);
        while (block.find()) {
            blocks.add(new Block(block.group(1), block.group(2)));
        }
        return blocks;
    }
}
