package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody sees who has added this module to a program, and no logging: nothing, unless something is wrong. */
@Tag("heavy")
@Tag("thorough")
class LibraryUsersConsoleTest {
    @TempDir
    Path folder;

    @Test
    void a_new_database_and_one_that_is_there_print_nothing() throws Exception {
        String file = folder.resolve("agents.db").toString();

        assertThat(printedBy(List.of(), "open", file)).as("a new database").isEmpty();
        assertThat(printedBy(List.of(), "open", file)).as("one that is there").isEmpty();
    }

    @Test
    void what_is_wrong_is_printed() throws Exception {
        assertThat(printedBy(List.of(), "warn"))
                .contains("The database agents.db is away", "Rows were lost", "rows")
                .doesNotContain("SLF4J", "of no interest");
    }

    @Test
    void who_asks_slf4j_how_it_does_is_answered() throws Exception {
        String file = folder.resolve("agents.db").toString();

        assertThat(printedBy(List.of("-Dslf4j.internal.verbosity=INFO"), "open", file))
                .contains("No SLF4J providers");
    }

    private static String printedBy(List<String> options, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(options);
        if (Runtime.version().feature() >= 24) { // from there on Java itself warns of SQLite's library
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", withoutLogging(), LibraryUser.class.getName()));
        command.addAll(List.of(arguments));
        Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as(printed).isZero();
        return printed;
    }

    /** This test's class path without the provider that tests have. */
    private static String withoutLogging() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("slf4j-nop"))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
