package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The runnable jar lists each library that it bundles, with its licence. */
class LicencesTest {
    private static final Pattern ROW = Pattern.compile("^\\| ([\\w.-]+):([\\w.-]+) \\| (.+) \\|$", Pattern.MULTILINE);
    private static final Pattern IN_REPOSITORY = Pattern.compile("([^/]+)/[^/]+/[^/]+\\.jar$");

    /** What the tests alone bring. */
    private static final Pattern OF_TESTS = Pattern.compile(
            "junit-.*|apiguardian-api|opentest4j|assertj-core|byte-buddy|awaitility|hamcrest|archunit|"
                    + "embedded-.*|commons-.*|xz|guava|failureaccess|surefire-.*|listenablefuture|slf4j-nop|j2objc-.*|jedis");

    @Test
    void every_bundled_library_is_listed() throws IOException {
        Set<String> bundled = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("interlock-"))
                .map(entry -> IN_REPOSITORY.matcher(entry.replace('\\', '/')))
                .filter(Matcher::find)
                .map(jar -> jar.group(1))
                .filter(name -> !OF_TESTS.matcher(name).matches())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(listed()).containsExactlyElementsOf(bundled);
    }

    @Test
    void every_script_of_others_on_the_dashboard_has_its_licence_beside_it_and_is_listed() throws IOException {
        Path vendor = Path.of("..", "server", "src", "main", "resources", "dashboard", "vendor");
        String list = list();
        try (Stream<Path> files = Files.list(vendor)) {
            Set<String> licences = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".LICENSE"))
                    .map(name -> name.replace(".LICENSE", ""))
                    .collect(Collectors.toSet());
            assertThat(licences).containsExactlyInAnyOrder("uplot", "htm", "preact");
            assertThat(licences)
                    .allSatisfy(name -> assertThat(list).containsIgnoringCase("| dashboard: " + name + " |"));
        }
    }

    private static Set<String> listed() throws IOException {
        return ROW.matcher(list()).results().map(row -> row.group(2)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String list() throws IOException {
        try (InputStream list = LicencesTest.class.getResourceAsStream("/META-INF/THIRD-PARTY.md")) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
