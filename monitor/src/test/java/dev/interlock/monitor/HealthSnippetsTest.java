package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import app.App;
import dev.interlock.CircuitBreakerManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The files of docs/health.md: {@link App}, as somebody else would write and run it. */
class HealthSnippetsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));

    @Test
    void a_program_that_only_guards_its_calls_has_health() {
        try (App app = new App(prompt -> "a plan for " + prompt)) {
            assertThat(app.health("planner")).isEqualTo("planner: UNKNOWN, score 100, 0 calls[]");
            for (int i = 0; i < 20; i++) {
                assertThat(app.plan("Monday")).isEqualTo("a plan for Monday");
            }
            await().until(() -> app.health("planner").contains("20 calls"));

            assertThat(app.health("planner")).startsWith("planner: HEALTHY, score 100, 20 calls");
            assertThat(app.health("model:kimi-k2")).startsWith("model:kimi-k2: HEALTHY, score 100, 20 calls");
        }
    }

    @Test
    void a_model_that_fails_is_seen_and_the_planner_is_well() {
        int[] calls = {0};
        try (App app = new App(prompt -> {
            if (calls[0]++ >= 20) {
                throw new UncheckedIOException(new ConnectException("Connection refused"));
            }
            return "a plan";
        })) {
            for (int i = 0; i < 26; i++) {
                try {
                    app.plan("Monday");
                } catch (UncheckedIOException failed) {
                    assertThat(failed).hasMessageContaining("Connection refused");
                }
            }
            assertThat(app.plan("Monday")).startsWith("no plan now: model:kimi-k2 is open");
            await().until(() -> app.health("model:kimi-k2").contains("23 calls"));

            assertThat(app.health("model:kimi-k2")).contains("3 of 23 calls failed in the last 5 minutes");
            await().until(() -> app.health("planner").contains("20 calls"));
            assertThat(app.health("planner")).startsWith("planner: HEALTHY, score 100");
        }
    }

    @Test
    void it_runs_by_itself() throws Exception {
        Process program = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        App.class.getName())
                .redirectErrorStream(true)
                .start();
        program.getOutputStream().write("Monday\n".getBytes(StandardCharsets.UTF_8));
        program.getOutputStream().close();
        String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as(printed).isZero();
        assertThat(printed.lines()).hasSize(2).first().isEqualTo("a plan for Monday");
        assertThat(printed.lines()).last().asString().startsWith("planner: ");
    }

    @Test
    void the_pages_pom_names_what_this_build_makes() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/health.md"));
        String pom = page.substring(page.indexOf("```xml"), page.indexOf("</project>"));
        String ours = Files.readString(ROOT.resolve("monitor/pom.xml"));

        assertThat(pom).contains("<groupId>dev.interlock</groupId>", "<artifactId>interlock-monitor</artifactId>");
        assertThat(ours).contains("<artifactId>interlock-monitor</artifactId>");
        String version = ours.substring(ours.indexOf("<version>"), ours.indexOf("</version>"));
        assertThat(pom).contains(version);
        assertThat(CircuitBreakerManager.class.getPackageName()).isEqualTo("dev.interlock");
    }
}
