package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that runs to its end. */
final class Script {
    private static final long PATIENCE_MINUTES = 3;

    private Script() {}

    /** What it says; any code but 0 fails. */
    static String run(Path folder, String... command) throws IOException {
        return run(folder, Map.of(), command);
    }

    static String run(Path folder, Map<String, String> environment, String... command) throws IOException {
        Path output = Files.createTempFile("interlock", ".txt");
        try {
            Process process = start(folder, environment, output, command);
            boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
            process.destroyForcibly();
            String said = Files.readString(output);
            assertThat(ended)
                    .as("%s ended; it said: %s", List.of(command), said)
                    .isTrue();
            assertThat(process.exitValue())
                    .as("%s said: %s", List.of(command), said)
                    .isZero();
            return said;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        } finally {
            Files.delete(output);
        }
    }

    private static Process start(Path folder, Map<String, String> environment, Path output, String... command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toAbsolutePath().toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }
}
