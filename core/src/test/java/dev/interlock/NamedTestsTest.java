package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages that name tests name tests that exist. */
@Tag("texts")
class NamedTestsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root"));
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*(?:Test|Properties|Race|Contract))\\b[^`]*`");

    @ParameterizedTest
    @ValueSource(strings = {"correctness.md", "specification.md", "promises.md", "track-record.md"})
    void every_test_that_a_page_names_exists(String page) throws IOException {
        Set<String> named = NAME.matcher(Files.readString(ROOT.resolve("docs").resolve(page)))
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(named).hasSizeGreaterThan(10);
        assertThat(sources()).containsAll(named);
    }

    private static Set<String> sources() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path source : modules.map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(source)) {
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".java"))
                            .forEach(name -> names.add(name.substring(0, name.length() - ".java".length())));
                }
            }
        }
        return names;
    }
}
