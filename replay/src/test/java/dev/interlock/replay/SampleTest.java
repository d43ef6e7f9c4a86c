package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log that the project ships is what its generator makes. */
class SampleTest {
    private static final Path SAMPLES =
            Path.of(System.getProperty("interlock.root", "..")).resolve("samples");

    @TempDir
    private Path folder;

    @Test
    void the_sample_is_what_its_generator_makes() throws IOException, InterruptedException {
        Path made = folder.resolve("fleet.csv");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process generator = new ProcessBuilder(
                        java.toString(), SAMPLES.resolve("Fleet.java").toString())
                .redirectOutput(made.toFile())
                .redirectError(folder.resolve("errors").toFile())
                .start();

        assertThat(generator.waitFor())
                .as(Files.readString(folder.resolve("errors")))
                .isZero();
        assertThat(made).hasSameTextualContentAs(SAMPLES.resolve("fleet.csv"));
        assertThat(Files.size(made)).isLessThan(500_000);
    }
}
