package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Needed;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds and runs the programs of {@code docs/go.md} against a real server, where Go is at hand. */
@Tag("heavy")
class GoPageTest {
    private static final Path PAGE = Path.of(System.getProperty("interlock.root", ".."), "docs", "go.md");
    private static final Pattern PROGRAM = Pattern.compile("^```go\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void both_programs_pass_calls_report_them_and_refuse_what_is_held_open() throws Exception {
        Needed.program("go", "golang-go", "the programs of docs/go.md");
        List<String> programs = programs();
        assertThat(programs).hasSize(2);
        for (String program : programs) {
            Path built = build(program);
            try (RunningServer server = new RunningServer()) {
                run(server, built);
            }
        }
    }

    @Test
    void the_first_program_is_as_short_as_its_heading_says() throws IOException {
        String program = programs().get(0);
        String client = program.substring(program.indexOf("func post("), program.indexOf("func main()"));
        assertThat(client.lines().filter(line -> !line.isBlank()).count()).isLessThanOrEqualTo(40);
    }

    private static void run(RunningServer server, Path program) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(program.toString()).redirectErrorStream(true);
        builder.environment().put("INTERLOCK_URL", server.uri("").toString());
        builder.environment().put("INTERLOCK_KEY", RunningServer.ADMIN_KEY);
        Process process = builder.start();
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(said.readLine()).isEqualTo("guarded: <nil>");
            Awaitility.await()
                    .until(() -> RunningServer.json(server.get("/api/v1/circuits/model:kimi-k2", "viewer@default"))
                                    .getInteger("success_count")
                            > 1);
            server.post("/api/v1/circuits/planner/action", "operator@default", "{\"action\":\"hold_open\"}");
            String last = "";
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                last = line;
            }
            assertThat(last).startsWith("guarded: ").containsPattern("is (held )?open");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private Path build(String program) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("main.go"), program);
        Path built = folder.resolve("program");
        ProcessBuilder builder = new ProcessBuilder("go", "build", "-o", built.toString(), source.toString());
        builder.environment().put("GOFLAGS", "-mod=mod");
        builder.environment().put("GOTOOLCHAIN", "local");
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return built;
    }

    private static List<String> programs() throws IOException {
        List<String> programs = new ArrayList<>();
        Matcher program = PROGRAM.matcher(Files.readString(PAGE));
        while (program.find()) {
            programs.add(program.group(1));
        }
        return programs;
    }
}
