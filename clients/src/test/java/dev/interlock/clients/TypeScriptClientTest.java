package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.checks.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client in TypeScript by itself, as a package, and as its page shows it. */
@Tag("heavy")
class TypeScriptClientTest {
    private static final Path CLIENT = Language.ROOT.resolve("clients/typescript");

    @TempDir
    Path folder;

    @BeforeEach
    void look() {
        Needed.program("node", "nodejs", "the client of TypeScript");
    }

    @Test
    void its_own_tests_pass() throws IOException, InterruptedException {
        String said = Command.run(CLIENT, Map.of(), List.of("node", "--test", "test/"))
                .orFail();

        assertThat(said).contains("# fail 0").doesNotContain("# pass 0");
    }

    @Test
    void its_package_works_where_nothing_else_is_installed_and_has_the_servers_version()
            throws IOException, InterruptedException {
        Needed.program("npm", "npm", "the package of the TypeScript client");
        Path project = Files.createDirectory(folder.resolve("project"));
        Files.writeString(project.resolve("package.json"), "{\"type\": \"module\"}");
        List<String> pack =
                List.of("npm", "pack", "--json", "--pack-destination", folder.toString(), CLIENT.toString());
        JsonNode packed = new ObjectMapper()
                .readTree(Command.run(folder, Map.of(), pack).orFail())
                .elements()
                .next();

        Path archive = folder.resolve(packed.path("filename").asText());
        List<String> install = List.of("npm", "install", "--offline", "--no-audit", "--no-fund", archive.toString());
        Command.run(project, Map.of(), install).orFail();
        Files.writeString(
                project.resolve("app.mjs"),
                "import { Interlock, VERSION } from '@interlock/client';\n"
                        + "import { guardModel } from '@interlock/client/vercel';\n"
                        + "console.log(VERSION, typeof guardModel, await new Interlock().guard('planner').call(() => 'a"
                        + " plan'));\n");

        String version = packed.path("version").asText();
        assertThat(Command.run(project, Map.of(), List.of("node", "app.mjs")).orFail())
                .isEqualTo(version + " function a plan\n");
        assertThat(packed.path("files").findValuesAsText("path"))
                .contains("LICENSE", "README.md", "index.d.ts", "vercel.d.ts", "src/client.js")
                .noneMatch(path -> path.startsWith("test") || path.startsWith("bench") || path.startsWith("driver"));
        try (Stream<Path> installed = Files.list(project.resolve("node_modules"))) {
            assertThat(installed.map(each -> each.getFileName().toString()).filter(name -> !name.startsWith(".")))
                    .containsExactly("@interlock");
        }
    }

    @Test
    void every_program_of_its_page_prints_what_the_page_says() throws IOException, InterruptedException {
        List<TypeScriptPage> programs = TypeScriptPage.programs();
        assertThat(programs).hasSizeGreaterThan(8);
        TypeScriptPage.install(folder);
        try (RealServer server = RealServer.start(Files.createDirectory(folder.resolve("data")))) {
            Map<String, String> environment =
                    Map.of("INTERLOCK_URL", "http://127.0.0.1:" + server.port(), "INTERLOCK_KEY", server.adminKey());
            for (TypeScriptPage program : programs) {
                if (!program.needsNpm()) {
                    Path file = Files.writeString(folder.resolve("program.mjs"), program.code());
                    List<String> node = List.of("node", file.toString());
                    assertThat(Command.run(folder, environment, node).orFail())
                            .as(program.title())
                            .isEqualTo(program.prints());
                }
            }
        }
    }
}
