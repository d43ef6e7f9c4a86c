package dev.interlock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** With a fake provider in place of the page's. */
    @Test
    void the_command_of_the_page_runs_the_program_that_it_names() throws Exception {
        String page = Files.readString(ROOT.resolve("docs/examples.md"));
        Matcher program = Pattern.compile("-Dexec.mainClass=(\\S+)").matcher(page);
        Matcher arguments = Pattern.compile("-Dexec.args=\"(\\S+) '([^']+)'\"").matcher(page);
        assertThat(program.find() && arguments.find()).isTrue();
        URI address = URI.create(arguments.group(1));
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (FakeProvider provider = FakeProvider.start().otherwise(OpenAiAnswers.text("by boat"))) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            Class.forName(program.group(1)).getMethod("main", String[].class).invoke(null, (Object)
                    new String[] {provider.uri(address.getPath()).toString(), arguments.group(2)});
            assertThat(provider.requests().get(0).body()).contains(arguments.group(2));
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).strip()).isEqualTo("by boat");
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
                    .filter(file -> !file.endsWith("SnippetsTest.java")) // other pages' own
                    .sorted()
                    .toList();
        }
    }
}
