package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose memory is used up ends, so that a supervisor starts it again, and does not live on without answering. */
@Tag("heavy")
class OutOfMemoryTest {
    private static final Pattern OPTION = Pattern.compile("-XX:\\+\\w*OutOfMemory\\w*");
    private static final int ENDED_BY_JAVA = 3;

    @TempDir
    Path folder;

    /** Callers cannot bring it so far, since what they send is bounded by the heap; so it gets less than it starts with. */
    @Test
    void a_server_without_memory_ends_with_a_code_and_a_line() throws Exception {
        Matcher option = OPTION.matcher(Files.readString(Path.of("..", "interlock")));
        assertThat(option.find()).as("the option in ./interlock").isTrue();
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx8m",
                        option.group(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "serve",
                        "--port",
                        "0",
                        "--data-dir",
                        folder.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
            assertThat(process.exitValue()).isEqualTo(ENDED_BY_JAVA);
            assertThat(Files.readString(output, StandardCharsets.UTF_8)).contains("java.lang.OutOfMemoryError");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
