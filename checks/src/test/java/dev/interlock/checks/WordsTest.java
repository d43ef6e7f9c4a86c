package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What people read is plain English: documents, the dashboard, the contract, and the sources with their Javadoc. */
@Tag("texts")
class WordsTest {
    private static final Path TOP = Path.of("").toAbsolutePath().getParent();

    /** This test, and those with histories in the words of the model, which has an answer "stands". */
    private static final Set<String> QUOTING =
            Set.of("WordsTest.java", "HistoriesTest.java", "DatabaseHistoriesTest.java", "ToldStore.java");

    @Test
    void an_odd_word_is_named_with_its_line_and_a_better_one() {
        assertThat(Words.in("A circuit.\nIt is made anew, as the log Tells.\n"))
                .containsExactly(
                        "2: 'anew', better: again: It is made anew, as the log Tells.",
                        "2: 'Tells', better: report, notify, say, documented in: It is made anew, as the log Tells.");
    }

    @Test
    void a_stay_is_odd_where_it_means_an_epoch() {
        assertThat(Words.in("of an earlier stay\nin the same stay it counts\n")).hasSize(2);
        assertThat(Words.in("It stays open, and will stay so.\nin the order of their names"))
                .isEmpty();
    }

    @Test
    void to_stand_is_odd_unless_it_means_to_represent() {
        for (String odd : List.of("The stored record stands.", "What stood before it", "gates standing there")) {
            assertThat(Words.in(odd)).as(odd).hasSize(1);
        }
        for (String fine : List.of("* stands for a name", "standing in for it", "stood in its way", "Answer.STAND")) {
            assertThat(Words.in(fine)).as(fine).isEmpty();
        }
    }

    @Test
    void words_within_others_and_names_of_code_are_none() {
        assertThat(Words.in("a field `concerning` of a failure, concerning: null, foreshall, unsought, "))
                .isEmpty();
        assertThat(Words.in("recommended, kind, Tellurium, `whoever`, foretold"))
                .isEmpty();
    }

    @Test
    void documents_have_no_odd_words() throws IOException {
        List<Path> documents = new ArrayList<>(
                List.of(TOP.resolve("README.md"), TOP.resolve("CHANGELOG.md"), TOP.resolve("CONTRIBUTING.md")));
        documents.addAll(below(TOP.resolve("docs"), ".md"));
        documents.removeIf(file -> file.startsWith(TOP.resolve("docs/decisions"))); // they are history
        assertNoOddWord(documents);
    }

    @Test
    void the_dashboard_and_the_contract_have_no_odd_words() throws IOException {
        Path resources = TOP.resolve("server/src/main/resources");
        List<Path> read = new ArrayList<>(below(resources.resolve("dashboard"), ".js"));
        read.removeIf(file -> file.startsWith(resources.resolve("dashboard/vendor")));
        read.addAll(below(resources.resolve("dashboard"), ".html"));
        read.addAll(below(resources, "openapi.yaml"));
        assertThat(read).hasSizeGreaterThan(10);
        assertNoOddWord(read);
    }

    @Test
    void sources_and_scripts_of_all_modules_have_no_odd_words() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(TOP)) {
            for (Path module : modules.toList()) {
                Path main = module.resolve("src/main");
                if (Files.isDirectory(main)) {
                    sources.addAll(below(main, ".java"));
                    sources.addAll(below(main, ".lua"));
                }
            }
        }
        sources.removeIf(file -> file.endsWith(Path.of("checks", "Words.java")));
        assertThat(sources).hasSizeGreaterThan(300);
        assertNoOddWord(sources);
    }

    @Test
    void tests_have_no_odd_words() throws IOException {
        List<Path> tests = new ArrayList<>();
        try (Stream<Path> modules = Files.list(TOP)) {
            for (Path module : modules.toList()) {
                for (String kind : List.of("src/test/java", "src/contract/java", "src/servers/java")) {
                    Path sources = module.resolve(kind);
                    if (Files.isDirectory(sources)) {
                        tests.addAll(below(sources, ".java"));
                    }
                }
            }
        }
        tests.removeIf(file -> QUOTING.contains(file.getFileName().toString()));
        assertThat(tests).hasSizeGreaterThan(700);
        assertNoOddWord(tests);
    }

    @Test
    void clients_rules_for_operators_and_what_is_installed_have_no_odd_words() throws IOException {
        List<Path> read = new ArrayList<>(below(TOP.resolve("docs/operations"), ".yaml"));
        read.addAll(below(TOP.resolve("docs/operations"), ".json"));
        read.addAll(below(TOP.resolve("cli/src/dist"), ""));
        read.add(TOP.resolve("Dockerfile"));
        read.add(TOP.resolve("interlock"));
        read.add(TOP.resolve("clients/python/interlock.py"));
        read.add(TOP.resolve("clients/python/README.md"));
        read.addAll(below(TOP.resolve("clients/typescript/src"), ".js"));
        read.addAll(below(TOP.resolve("clients/typescript/test"), ".js"));
        read.add(TOP.resolve("clients/typescript/index.d.ts"));
        read.add(TOP.resolve("clients/typescript/README.md"));
        read.removeIf(Files::isDirectory);
        assertThat(read).hasSizeGreaterThan(15);
        assertNoOddWord(read);
    }

    private static void assertNoOddWord(List<Path> files) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            Words.in(Files.readString(file)).forEach(line -> found.add(TOP.relativize(file) + ":" + line));
        }
        assertThat(found).as("words that are not plain English").isEmpty();
    }

    private static List<Path> below(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }
}
