package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each page with a whole pom.xml is a project that can be made outside of this one, and prints what the page says. */
class PageProjectTest {
    private static final Path DOCUMENTS = Published.ROOT.resolve("docs");
    private static final Pattern DEPENDENCY =
            Pattern.compile("<artifactId>(interlock-[^<]+)</artifactId>(?:\\s*<version>([^<]+)</version>)?");

    @Tag("heavy")
    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("commands")
    void a_fresh_project_of_the_page_prints_what_the_page_says(String page, String command, @TempDir Path folder)
            throws Exception {
        PageProject project = new PageProject(DOCUMENTS.resolve(page), folder);

        assertThat(project.run(command)).endsWith(project.expected());
    }

    static Stream<Arguments> commands() throws IOException {
        List<Arguments> all = new ArrayList<>();
        for (String page : pages()) {
            PageProject.commands(DOCUMENTS.resolve(page)).forEach(command -> all.add(Arguments.of(page, command)));
        }
        return all.stream();
    }

    @Test
    void there_is_one_for_plain_java_and_one_for_spring_boot_as_it_is_and_prepared_ahead_of_time() throws IOException {
        assertThat(commands().map(each -> List.of(each.get())))
                .contains(
                        List.of("five-minutes.md", "-q compile exec:java"),
                        List.of("five-minutes-spring.md", "-q compile exec:java"),
                        List.of(
                                "five-minutes-spring.md",
                                "-q compile spring-boot:process-aot exec:java -Dspring.aot.enabled=true"));
    }

    @Test
    void the_page_has_a_row_for_each_artifact_that_the_bom_names() throws IOException {
        List<String> rows = Files.readString(DOCUMENTS.resolve("five-minutes.md"))
                .lines()
                .filter(line -> line.startsWith("| `interlock-"))
                .map(line -> line.split("`")[1])
                .toList();

        assertThat(rows).containsExactlyInAnyOrderElementsOf(Published.named());
    }

    /** What people copy into a pom.xml of theirs. */
    @Test
    void a_dependency_that_a_page_shows_is_an_artifact_of_the_bom_in_this_version() throws IOException {
        Set<String> known = new TreeSet<>(Published.named());
        known.add("interlock-bom");
        Set<String> shown = new TreeSet<>();
        try (Stream<Path> files = Files.walk(DOCUMENTS)) {
            for (Path page :
                    files.filter(file -> file.toString().endsWith(".md")).toList()) {
                DEPENDENCY.matcher(Files.readString(page)).results().forEach(dependency -> {
                    shown.add(dependency.group(1));
                    assertThat(known).as(page.toString()).contains(dependency.group(1));
                    if (dependency.group(2) != null) {
                        assertThat(dependency.group(2)).as(page.toString()).isEqualTo(Published.version());
                    }
                });
            }
        }
        assertThat(shown)
                .contains("interlock-langchain4j", "interlock-spring-ai", "interlock-mcp", "interlock-micrometer");
    }

    static List<String> pages() throws IOException {
        try (Stream<Path> files = Files.list(DOCUMENTS)) {
            return files.filter(file -> file.toString().endsWith(".md") && holdsProject(file))
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private static boolean holdsProject(Path page) {
        try {
            String text = Files.readString(page);
            return text.contains("```xml\n<project ") && text.contains("```sh\nmvn ");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
