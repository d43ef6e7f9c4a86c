package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the model of the protocol as docs/model/README.md says, in a JVM of its own. */
@Tag("heavy")
@Tag("thorough")
class ProtocolModelTest {
    private static final Path MODEL =
            Path.of(System.getProperty("interlock.root", ".."), "docs", "model", "Protocol.java");

    @Test
    void allPromisesHold() throws IOException, InterruptedException {
        assertThat(run()).endsWith("All promises hold.\n").contains("worlds").doesNotContain("and more");
    }

    @Test
    void withoutAnyOneOfItsFixesAPromiseIsBroken() throws IOException, InterruptedException {
        String output = run("--without", "all");
        List<String> withoutCounterexample = new ArrayList<>();
        for (String one : output.split("(?m)^Without ")) {
            if (!one.isBlank() && !one.contains("after these steps")) {
                withoutCounterexample.add(one.lines().findFirst().orElseThrow());
            }
        }
        assertThat(withoutCounterexample).isEmpty();
        assertThat(output)
                .contains("RISE:", "LEGAL:", "TRIALS:", "CLOSE:", "OVERRIDES:", "AGREE:", "FORGET:", "RETURN:")
                .contains("FIGURES:", "GENERATION:", "RECOVER:", "REOPEN:", "FAIR:", "COUNT:");
    }

    private static String run(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), MODEL.toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
