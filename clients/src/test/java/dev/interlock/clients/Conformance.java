package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plays scenarios of {@code clients/conformance.json} with the clients of all languages at once, each on circuits of its
 * own, against one real server, which is killed and started again where a scenario says so.
 */
@Tag("heavy")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Conformance {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FILE = Language.ROOT.resolve("clients/conformance.json");

    private Path folder;
    RealServer server;
    Cable cable;

    /** Whether a scenario is one of this class. */
    abstract boolean plays(JsonNode scenario);

    static boolean isOutage(JsonNode scenario) {
        return scenario.path("outage").asBoolean();
    }

    static boolean kills(JsonNode scenario) {
        return scenario.path("steps").findValuesAsText("do").contains("kill_server");
    }

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        this.folder = folder;
        RealServer started = RealServer.start(folder);
        server = started;
        cable = new Cable(started::port);
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
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

    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode scenario : JSON.readTree(FILE.toFile()).path("scenarios")) {
            if (plays(scenario)) {
                tests.add(DynamicTest.dynamicTest(scenario.path("id").asText(), () -> play(scenario)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(1);
        return tests.stream();
    }

    private void play(JsonNode scenario) throws IOException, InterruptedException {
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
