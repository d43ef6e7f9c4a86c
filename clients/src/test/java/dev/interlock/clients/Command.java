package dev.interlock.clients;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that ran to its end.
 *
 * @param status with which it ended
 * @param said what it wrote, for programs and for people
 */
record Command(int status, String said) {
    private static final long LONGEST_SECONDS = 240;

    /** Runs a program; one that takes too long is ended, and fails. */
    static Command run(Path folder, Map<String, String> environment, List<String> words)
            throws IOException, InterruptedException {
        Path said = Files.createTempFile("interlock-command", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(words)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.outputWriter().close();
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(words + " did not end; it said:\n" + Files.readString(said));
            }
            return new Command(
                    process.exitValue(),
                    new String(Files.readAllBytes(said), StandardCharsets.UTF_8).replace("\r\n", "\n"));
        } finally {
            Files.delete(said);
        }
    }

    /** What it said, if it ended well. */
    String orFail() {
        if (status != 0) {
            throw new AssertionError("It ended with " + status + ":\n" + said);
        }
        return said;
    }
}
