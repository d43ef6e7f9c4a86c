package dev.interlock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo's fleet on a server that is killed, stopped, frozen, kept from its database and sent nonsense, by chance, and
 * that has to keep its promises all the same. {@code benchmarks/soak MINUTES} runs it as long as one wants.
 */
@Tag("heavy")
@Tag("thorough")
class SoakTest {
    private static final double FULL_MINUTES = 10;
    private static final double LEAST_MINUTES = 0.2;

    @TempDir
    Path folder;

    @Test
    void a_server_keeps_its_promises_under_load_and_faults() throws Exception {
        double minutes = Double.parseDouble(System.getProperty(
                "interlock.soak", Double.toString(Math.max(LEAST_MINUTES, FULL_MINUTES * Rounds.share() / 2))));
        long seed = Long.getLong("interlock.seed", new Random().nextInt(1_000_000));
        SoakFindings findings = new SoakFindings(seed);
        try (Soak soak = new Soak(folder, seed, findings)) {
            soak.run(Duration.ofMillis((long) (minutes * 60_000)));
        } finally {
            write(findings.page());
        }
        assertThat(findings.broken()).as("seed " + seed).isEmpty();
        assertThat(findings.lives()).as("lives of the server").isGreaterThan(1);
        assertThat(findings.found()).as("overrides found again").isPositive();
    }

    private static void write(String page) throws IOException {
        System.out.println(page);
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("soak.md"), page);
    }
}
