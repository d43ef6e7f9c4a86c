package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Needed;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/operations/runbook.md against a real server, from top to bottom, as somebody on call would. */
@Tag("heavy")
class RunbookTest {
    private static final Path DOCS =
            Path.of(System.getProperty("interlock.root", "..")).resolve("docs");
    private static final Path PAGE = DOCS.resolve("operations/runbook.md");
    private static final Pattern BLOCK =
            Pattern.compile("^```(?:bash|sh)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private final RunningServer server = new RunningServer();

    @TempDir
    Path folder;

    @BeforeEach
    void make_the_program() throws IOException {
        for (String each : List.of("bash", "curl")) {
            Needed.program(each, each, PAGE.toString());
        }
        StartScript.in(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void each_command_does_what_it_says() throws IOException, InterruptedException {
        List<String> blocks = blocks(PAGE);
        assertThat(blocks).hasSizeGreaterThan(8);
        assertThat(blocks.stream().filter(block -> block.contains("interlock hold")))
                .hasSize(3);
        for (String name : List.of("model:NAME", "key:NAME", "NAME")) {
            failOnce(name);
        }
        for (String block : blocks) {
            Instant before = Instant.now();
            Ran ran = run(block);
            assertThat(ran.code()).as("%s%n said: %s", block, ran.said()).isZero();
            if (block.contains("hold model:NAME")) {
                JsonObject model = get("/api/v1/circuits/model:NAME");
                assertThat(model.getString("state")).isEqualTo("open");
                assertThat(Instant.parse(model.getJsonObject("hold").getString("until")))
                        .isBetween(
                                before.plus(Duration.ofHours(2)).minusSeconds(1),
                                Instant.now().plus(Duration.ofHours(2)));
            }
        }
        assertThat(get("/api/v1/circuits/NAME").getValue("hold"))
                .as("released at the end")
                .isNull();
        assertThat(get("/api/v1/gates").getJsonArray("gates")).isEmpty();
    }

    @Test
    void a_placeholder_that_somebody_leaves_as_it_is_does_nothing() throws IOException, InterruptedException {
        for (String block : blocks(PAGE)) {
            if (block.contains("NAME") && !block.contains("--all")) {
                Ran ran = run(block);
                assertThat(ran.code()).as("%s%n said: %s", block, ran.said()).isNotZero();
            }
        }
        assertThat(get("/api/v1/circuits").fieldNames()).isEmpty();
    }

    /** If somebody pastes it later, the hold or stop lasts for months. */
    @Test
    void no_command_of_a_page_ends_at_a_fixed_time() throws IOException {
        try (Stream<Path> pages = Files.walk(DOCS)) {
            for (Path page :
                    pages.filter(each -> each.toString().endsWith(".md")).toList()) {
                for (String block : blocks(page)) {
                    assertThat(block).as(page.toString()).doesNotContainPattern("until\\W+\\d{4}-\\d\\d-\\d\\dT");
                }
            }
        }
    }

    private record Ran(int code, String said) {}

    /** A terminal would ask before a stop; here nobody answers. */
    private Ran run(String block) throws IOException, InterruptedException {
        Path output = folder.resolve("said.txt");
        ProcessBuilder shell = new ProcessBuilder(
                        "bash",
                        "-e",
                        "-u",
                        "-o",
                        "pipefail",
                        "-c",
                        block.replace("interlock stop", "interlock stop --yes"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        shell.environment().merge("PATH", folder.toString(), (path, own) -> own + ":" + path);
        shell.environment().put("INTERLOCK_URL", server.uri("").toString());
        shell.environment().put("INTERLOCK_KEY", RunningServer.ADMIN_KEY);
        shell.environment().put("XDG_CONFIG_HOME", folder.toString());
        Process process = shell.start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroyForcibly();
        String said = Files.readString(output);
        assertThat(ended).as("%s%n said: %s", block, said).isTrue();
        return new Ran(process.exitValue(), said);
    }

    private void failOnce(String name) {
        String path = "/api/v1/circuits/" + name + "/outcomes";
        assertThat(server.post(path, "agent@default", "{\"outcome\": \"failure\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    private JsonObject get(String path) {
        return RunningServer.json(server.get(path, "viewer@default"));
    }

    private static List<String> blocks(Path page) throws IOException {
        List<String> blocks = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(Files.readString(page)); block.find(); ) {
            blocks.add(block.group(1));
        }
        return blocks;
    }
}
