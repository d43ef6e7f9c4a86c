package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python client by itself: its own tests, and the packages that its users install. */
class PythonTest {
    private static final Path CLIENT = Language.ROOT.resolve("clients/python");

    @TempDir
    Path folder;

    @BeforeEach
    void python() {
        Language.PYTHON.assumeItIsHere();
    }

    @Test
    void its_own_tests_pass() throws IOException {
        Path tests = CLIENT.resolve("test_interlock.py");
        assertThat(Script.run(CLIENT, "python3", "-W", "error::ResourceWarning", tests.toString()))
                .containsPattern("Ran [4-9]\\d tests")
                .doesNotContain("skipped");
    }

    @Test
    void its_version_is_the_servers() throws IOException {
        Matcher pom = Pattern.compile("<version>(.+?)(-SNAPSHOT)?</version>")
                .matcher(Files.readString(Language.ROOT.resolve("pom.xml")));
        assertThat(pom.find()).isTrue();
        assertThat(Script.run(CLIENT, "python3", "-c", "import interlock; print(interlock.__version__)"))
                .isEqualToIgnoringNewLines(pom.group(1) + (pom.group(2) == null ? "" : ".dev0"));
    }

    @Test
    @Tag("heavy")
    void a_wheel_and_an_sdist_are_built_and_installed_into_empty_environments()
            throws IOException, InterruptedException {
        if (Command.run(folder, Map.of(), List.of("python3", "-m", "pip", "--version"))
                        .status()
                != 0) {
            throw Needed.missing("no pip here (apt-get install python3-pip)", "the packages of the Python client");
        }
        String build = "import build_backend as b; print(b.build_wheel(%1$s)); print(b.build_sdist(%1$s))"
                .formatted("'" + folder + "'");
        List<String> built = Script.run(CLIENT, "python3", "-c", build).lines().toList();
        assertThat(built).hasSize(2);
        for (String distribution : built) {
            Path environment = folder.resolve("environment-of-" + distribution);
            Script.run(folder, "python3", "-m", "venv", "--without-pip", environment.toString());
            String python = environment.resolve("bin/python").toString();
            Script.run(
                    folder,
                    "python3",
                    "-m",
                    "pip",
                    "--python",
                    python,
                    "install",
                    "--no-index",
                    "--no-cache-dir",
                    "--disable-pip-version-check",
                    folder.resolve(distribution).toString());
            String use = "import interlock, os; print(interlock.connect([]).guard('planner').call(str.upper, 'plan'),"
                    + " os.path.exists(os.path.join(os.path.dirname(interlock.__file__), 'py.typed')),"
                    + " interlock.__file__.startswith('" + environment + "'))";
            assertThat(Script.run(folder, python, "-c", use)).isEqualToIgnoringNewLines("PLAN True True");
        }
    }

    /** Asks nobody, so it needs no server; what it takes is printed on docs/client-rules.md and not asserted. */
    @Test
    void what_a_closed_call_takes_can_be_measured() throws IOException {
        assertThat(Script.run(CLIENT, "python3", "measure.py", "--quick")).contains("one closed circuit", "µs");
    }
}
