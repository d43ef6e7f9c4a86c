package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plays the scenarios of {@code clients/conformance.json} with the clients of all languages at once, each on circuits of
 * its own, against one real server, which is killed and started again where a scenario says so.
 */
@Tag("heavy")
class ConformanceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FILE = Language.ROOT.resolve("clients/conformance.json");

    @TempDir
    static Path folder;

    private static RealServer server;
    private static Cable cable;

    @BeforeAll
    static void start() throws IOException {
        RealServer started = RealServer.start(folder);
        server = started;
        cable = new Cable(started::port);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        cable.close();
        server.close();
    }

    @Test
    void python_is_here() {
        Language.PYTHON.assumeItIsHere();
    }

    @Test
    void node_is_here() {
        Language.TYPESCRIPT.assumeItIsHere();
    }

    /** Nothing is closed: a script reports at its exit, and so do the processes that it makes, which end in their own way. */
    @Test
    void a_script_that_ends_has_reported_and_its_children_as_well() throws IOException, InterruptedException {
        Language.PYTHON.assumeItIsHere();
        String script = """
                import interlock, multiprocessing
                client = interlock.connect()
                def fails(name):
                    try:
                        client.guard(name).call(lambda: 1 / 0)
                    except ZeroDivisionError:
                        pass
                fails("exits-parent")
                children = [multiprocessing.get_context("fork").Process(target=fails, args=("exits-child",)) for _ in range(2)]
                for child in children:
                    child.start()
                for child in children:
                    child.join()
                fails("exits-parent")
                """;
        Script.run(
                Language.ROOT.resolve("clients/python"),
                Map.of("INTERLOCK_URL", cable.url(), "INTERLOCK_KEY", server.adminKey()),
                "python3",
                "-c",
                script);
        assertThat(server.circuit("exits-parent").path("failure_count").asInt()).isEqualTo(2);
        assertThat(server.circuit("exits-child").path("failure_count").asInt()).isEqualTo(2);
    }

    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode scenario : JSON.readTree(FILE.toFile()).path("scenarios")) {
            tests.add(DynamicTest.dynamicTest(scenario.path("id").asText(), () -> play(scenario)));
        }
        assertThat(tests).hasSizeGreaterThan(12);
        return tests.stream();
    }

    private static void play(JsonNode scenario) throws IOException, InterruptedException {
        if (!scenario.has("server")) {
            new ScenarioRun(server, cable, scenario).play();
            return;
        }
        List<String> options = new ArrayList<>();
        scenario.path("server").forEach(each -> options.add(each.asText()));
        Path own = Files.createDirectory(
                folder.resolve("own-" + scenario.path("id").asText()));
        try (RealServer other = RealServer.start(own, options.toArray(String[]::new));
                Cable there = new Cable(other::port)) {
            new ScenarioRun(other, there, scenario).play();
        }
    }
}
