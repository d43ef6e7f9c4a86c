package dev.interlock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of examples leads to every program and to the test that runs it. */
class PageTest {
    private static final Path ROOT =
            Path.of(System.getProperty("interlock.root", "..")).toAbsolutePath().normalize();

    @Test
    void the_page_leads_to_every_program_and_its_test() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/examples.md"));
        assertThat(below("src/main/java", ".java"))
                .hasSize(4)
                .allSatisfy(program -> assertThat(page).contains("(../examples/" + program + ")"));
        assertThat(below("src/test/java", "Test.java"))
                .hasSize(4)
                .allSatisfy(test -> assertThat(page).contains("(../examples/" + test + ")"));
    }

    /** Programs and tests, each in a package of its own. */
    private static List<String> below(String folder, String ending) throws IOException {
        Path examples = ROOT.resolve("examples");
        try (Stream<Path> files = Files.walk(examples.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .map(file -> examples.relativize(file).toString())
                    .filter(file -> !file.endsWith("package-info.java"))
                    .filter(file -> !file.startsWith("src/test/java/dev/interlock/examples/HouseTest"))
                    .filter(file -> !file.startsWith("src/test/java/dev/interlock/examples/PageTest"))
                    .sorted()
                    .toList();
        }
    }
}
