package dev.interlock.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each page with a whole pom.xml is a project that can be made outside of this one, and prints what the page says. */
class PageProjectTest {
    private static final Path DOCUMENTS = Published.ROOT.resolve("docs");

    @Tag("heavy")
    @ParameterizedTest
    @MethodSource("pages")
    void a_fresh_project_of_the_page_prints_what_the_page_says(String page, @TempDir Path folder) throws Exception {
        PageProject project = new PageProject(DOCUMENTS.resolve(page), folder);

        assertThat(project.run()).endsWith(project.expected());
    }

    @Test
    void there_is_such_a_page_for_plain_java() throws IOException {
        assertThat(pages()).contains("five-minutes.md");
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
