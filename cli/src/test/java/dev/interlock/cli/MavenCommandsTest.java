package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What scripts and documents have Maven do, it does: a test that is left out fails nobody, and is not run. */
@Tag("texts")
class MavenCommandsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final List<String> FOLDERS = List.of(
            ".", "benchmarks", "checks", "core/src/fray", "docs", "docs/decisions", "docs/model", "docs/operations");
    private static final Pattern THOROUGH = Pattern.compile("^@Tag\\(\"thorough\"\\)", Pattern.MULTILINE);
    private static final Pattern ROUNDS = Pattern.compile("\\bRounds\\.");
    private static final Pattern TESTS = Pattern.compile("-Dtest='?([\\w.,*#]+)");
    private static final Pattern COMMAND = Pattern.compile("`?(?:\\./mvnw|\\$mvn|\\$\\{mvn)\\b[^`]*");
    private static final Pattern PARENTS = Pattern.compile(
            "^(?:final |abstract )*(?:class|interface) \\w+(?:<[^{]*?>)?(?: extends (\\w+))?(?: implements ([\\w, ]+))?",
            Pattern.MULTILINE);

    private final Map<String, String> sources = testSources();
    private final List<String> commands = commands();

    MavenCommandsTest() throws IOException {}

    @Test
    void one_that_names_a_thorough_test_runs_thorough_tests() {
        List<String> inVain = new ArrayList<>();
        for (String command : commands) {
            boolean all = command.matches("(?s).*(-Pthorough|-DexcludedGroups=).*");
            if (tests(command).stream().anyMatch(test -> has(test, THOROUGH)) && !all) {
                inVain.add(command);
            }
        }
        assertThat(inVain).as("commands that run no test").isEmpty();
    }

    @Test
    void one_that_writes_a_page_writes_it_after_a_full_run() {
        List<String> few = commands.stream()
                .filter(command -> command.contains("-Dinterlock.write=true") && !command.contains("-Pthorough"))
                .filter(command -> tests(command).stream().anyMatch(test -> has(test, ROUNDS)))
                .toList();
        assertThat(few).as("commands that write a page after a few rounds").isEmpty();
    }

    /** In a fresh clone nothing is installed that a module could find by itself; before {@code exec:java} it has to be. */
    @Test
    void one_for_a_module_builds_what_it_needs() {
        List<String> alone = commands.stream()
                .filter(command -> command.contains("./mvnw") && command.contains(" -pl "))
                .filter(command -> !command.matches(".* (-am\\b|exec:java).*"))
                .toList();
        assertThat(alone).as("commands for a module alone").isEmpty();
    }

    @Test
    void all_are_looked_at() {
        assertThat(commands).hasSizeGreaterThan(30);
        assertThat(tests("./mvnw test -Dtest=SoakTest,pitest.A*Test#name")).contains("SoakTest");
        assertThat(has("PostgresKillTest", THOROUGH)).as("as its contract").isTrue();
    }

    private List<String> tests(String command) {
        List<String> tests = new ArrayList<>();
        for (Matcher named = TESTS.matcher(command); named.find(); ) {
            Stream.of(named.group(1).split(",", -1))
                    .map(test -> test.replaceFirst("#.*", "").replaceFirst(".*\\.", ""))
                    .filter(sources::containsKey)
                    .forEach(tests::add);
        }
        return tests;
    }

    /** Whether a test, or what it inherits from, has something. */
    private boolean has(String test, Pattern what) {
        String source = sources.get(test);
        if (source == null) {
            return false;
        }
        if (what.matcher(source).find()) {
            return true;
        }
        Matcher parents = PARENTS.matcher(source);
        return parents.find()
                && Stream.of(parents.group(1), parents.group(2))
                        .filter(each -> each != null)
                        .flatMap(each -> Stream.of(each.split(",", -1)))
                        .anyMatch(parent -> has(parent.strip(), what));
    }

    private static List<String> commands() throws IOException {
        List<String> found = new ArrayList<>();
        for (String folder : FOLDERS) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    boolean script = Files.isExecutable(file)
                            && !file.getFileName().toString().startsWith("mvnw");
                    if (script || file.toString().endsWith(".md")) {
                        String text = Files.readString(file).replace("\\\n", " ");
                        text.lines()
                                .forEach(line ->
                                        COMMAND.matcher(line).results().forEach(each -> found.add(each.group())));
                    }
                }
            }
        }
        return found;
    }

    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path folder : modules.map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                            .filter(each -> !each.startsWith(folder.resolve("main")))
                            .toList()) {
                        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                    }
                }
            }
        }
        return sources;
    }
}
