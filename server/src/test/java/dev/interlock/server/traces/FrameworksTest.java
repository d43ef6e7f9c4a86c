package dev.interlock.server.traces;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Which spans of frameworks become outcomes, and of whom: a file for each framework, with what is expected next to its
 * requests. Each is sent as it lies there, as JSON; and by the real exporter of Java, as protobuf.
 */
class FrameworksTest {
    private static final Path FILES =
            Path.of("src", "test", "resources", "dev", "interlock", "server", "traces", "frameworks");

    @TestFactory
    Stream<DynamicTest> json_by_hand() {
        return files().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
            JsonNode golden = read(file);
            try (TraceRig rig = new TraceRig()) {
                for (JsonNode request : golden.get("requests")) {
                    assertThat(rig.json(TraceRig.KEY, request.toString()).problem())
                            .isNull();
                }
                check(golden, rig);
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> protobuf_by_the_real_exporter() {
        return files().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
            JsonNode golden = read(file);
            try (TraceRig rig = new TraceRig();
                    RealExporter exporter = new RealExporter()) {
                for (JsonNode request : golden.get("requests")) {
                    for (byte[] body : exporter.bodies(request)) {
                        assertThat(rig.protobuf(TraceRig.KEY, body).problem()).isNull();
                    }
                }
                check(golden, rig);
            }
        }));
    }

    @Test
    void there_are_at_least_ten() {
        assertThat(files()).hasSizeGreaterThanOrEqualTo(10);
    }

    private static void check(JsonNode golden, TraceRig rig) {
        assertThat(rig.heard()).as("outcomes").isEqualTo(texts(golden.get("outcomes")));
        assertThat(rig.logged()).as("rows").isEqualTo(texts(golden.get("rows")));
        assertThat(rig.rows.toString()).doesNotContain("PROMPT");
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(each -> texts.add(each.asText()));
        texts.sort(null);
        return texts;
    }

    private static JsonNode read(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    private static Stream<Path> files() {
        try (Stream<Path> all = Files.list(FILES)) {
            return all.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
