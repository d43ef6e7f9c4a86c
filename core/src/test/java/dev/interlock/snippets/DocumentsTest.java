package dev.interlock.snippets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every Java block of README.md and of the pages below docs is compiled and run by a test. */
@Tag("texts")
class DocumentsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));

    @Test
    void every_java_block_of_the_documents_is_run_by_a_test() throws IOException {
        Snippets snippets = Snippets.below(ROOT);
        List<String> problems = new ArrayList<>();
        for (Path document : documents()) {
            problems.addAll(snippets.problems(ROOT.relativize(document).toString(), Files.readString(document)));
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void the_guide_and_the_page_on_circuit_breakers_are_there() throws IOException {
        assertThat(documents())
                .extracting(document -> document.getFileName().toString())
                .contains("guide.md", "circuit-breaker.md");
    }

    @Test
    void white_space_does_not_matter() {
        assertThat(snippets().problems("a.md", "```java\nplanner\n  .call( () -> x);\n```\n"))
                .isEmpty();
    }

    @Test
    void blocks_in_other_languages_are_not_looked_at() {
        assertThat(snippets().problems("a.md", "```javascript\nx()\n```\n```\ny()\n```\n"))
                .isEmpty();
    }

    @Test
    void a_block_that_differs_is_reported_with_its_line_and_the_closest_region() {
        assertThat(snippets().problems("docs/a.md", "# A\n\n```java\nplanner.call(() -> y);\n```\n"))
                .containsExactly("docs/a.md:3: no tagged region of a *SnippetsTest equals this block; 'call' comes"
                        + " closest and differs from 'y);' on, where it has 'x);'");
    }

    @Test
    void a_block_that_is_like_no_region_is_reported_with_what_to_do() {
        assertThat(snippets().problems("README.md", "```java\nfoo();\n```\n"))
                .containsExactly("README.md:1: no tagged region of a *SnippetsTest equals this block; put it between"
                        + " // tag::name[] and // end::name[] in one");
    }

    @Test
    void a_region_without_an_end_and_two_of_one_name_are_refused() {
        assertThatThrownBy(() -> new Snippets().add("A.java", "// tag::" + "open[]\nx();", List.of()))
                .hasMessage("A.java: region 'open' has no // end::open[]");
        String region = "// tag::" + "twice[]\nx();\n// end::" + "twice[]\n";
        assertThatThrownBy(() -> new Snippets().add("A.java", region + region, List.of()))
                .hasMessage("A.java: there are two regions called 'twice'");
    }

    @Test
    void a_block_begins_with_the_imports_that_it_needs() {
        String code = "Near made = new Used(other.Unused, call());\nclass Own {}\n```\n";
        String needed = "import static a.B.call;\n\nimport a.Used;\nimport own.Near;\n\n";
        String problem =
                "docs/guide.md:1: this block must begin with these lines: import static a.B.call; import a.Used;"
                        + " import own.Near;";

        assertThat(snippets().problems("docs/guide.md", "```java\n" + needed + code))
                .isEmpty();
        assertThat(snippets().problems("docs/guide.md", "```java\n" + code)).containsExactly(problem);
        assertThat(snippets().problems("docs/guide.md", "```java\nimport a.Used;\n" + code))
                .containsExactly(problem);
        assertThat(snippets().problems("docs/guide.md", "```java\nimport a.Unused;\n" + needed + code))
                .containsExactly(problem);
    }

    private static Snippets snippets() {
        Snippets snippets = new Snippets();
        snippets.add(
                "A.java",
                "package own;\n\nimport static a.B.call;\nimport a.Unused;\nimport a.Used;\n"
                        + "    // tag::" + "call[]\n    planner.call(() -> x);\n    // end::" + "call[]\n"
                        + "// tag::" + "make[]\nNear made = new Used(other.Unused, call());\nclass Own {}\n"
                        + "// end::" + "make[]\n",
                List.of("Near", "Own", "Far"));
        return snippets;
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        if (Files.exists(ROOT.resolve("README.md"))) {
            documents.add(ROOT.resolve("README.md"));
        }
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            files.filter(each -> each.toString().endsWith(".md")).sorted().forEach(documents::add);
        }
        return documents;
    }
}
