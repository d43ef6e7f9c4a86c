package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
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

    private static final Pattern TEXT = Pattern.compile("META-INF/(?:.*/)?LICEN[CS]E(?:\\.txt|\\.md)?");

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

    /** MIT asks for the copyright, so its text names who it is for; the others are the same for all. */
    @Test
    void a_library_that_brings_no_text_of_its_licence_has_one_here() throws IOException {
        List<String> without = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Matcher jar = IN_REPOSITORY.matcher(entry.replace('\\', '/'));
            if (jar.find() && listed().contains(jar.group(1)) && !bringsText(Path.of(entry))) {
                without.add(jar.group(1));
            }
        }
        assertThat(without).contains("logback-core", "reactive-streams", "redis-authx-core");

        assertThat(without).allSatisfy(library -> {
            String licence = licence(library);
            String text = text(licence.equals("EPL-2.0") ? "EPL-2.0.md" : licence + ".txt");
            assertThat(text).as(licence).hasSizeGreaterThan(800);
            if (!licence.equals("Apache-2.0")) {
                assertThat(text).contains(library);
            }
        });
        assertThat(text("Apache-2.0.txt")).isEqualTo(Files.readString(Path.of("..", "LICENSE")));
    }

    private static boolean bringsText(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().anyMatch(entry -> TEXT.matcher(entry.getName()).matches());
        }
    }

    /** The one that is taken of those that the list names. */
    private static String licence(String library) throws IOException {
        return ROW.matcher(list())
                .results()
                .filter(row -> row.group(2).equals(library))
                .map(row -> row.group(3).split(" or ")[0])
                .findFirst()
                .orElseThrow();
    }

    @Test
    void every_script_of_others_on_the_dashboard_has_its_licence_next_to_it_and_is_listed() throws IOException {
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
        return resource("/META-INF/THIRD-PARTY.md");
    }

    private static String text(String name) throws IOException {
        return resource("/META-INF/licences/" + name);
    }

    private static String resource(String name) throws IOException {
        try (InputStream file = LicencesTest.class.getResourceAsStream(name)) {
            assertThat(file).as(name).isNotNull();
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
