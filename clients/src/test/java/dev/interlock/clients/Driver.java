package dev.interlock.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that holds clients of one language: a command a line, an answer a line. For one thread. */
final class Driver implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 30;

    private final Language language;
    private final Process process;
    private final Path said;
    private final Writer commands;
    private final BufferedReader answers;
    private int number;

    private Driver(Language language, Process process, Path said) {
        this.language = language;
        this.process = process;
        this.said = said;
        this.commands = process.outputWriter();
        this.answers = process.inputReader();
    }

    static Driver start(Language language) throws IOException {
        Path said = Files.createTempFile("interlock-driver", ".txt");
        ProcessBuilder builder = new ProcessBuilder(language.command())
                .directory(Language.ROOT.toFile())
                .redirectError(said.toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return new Driver(language, builder.start(), said);
    }

    /** What the driver answers; an error of its own fails the test. */
    JsonNode ask(ObjectNode command) {
        command.put("id", ++number);
        try {
            commands.write(command + "\n");
            commands.flush();
            String line = Waiting.atMost(PATIENCE_SECONDS, answers::readLine);
            if (line == null) {
                throw new AssertionError("It ended at " + command);
            }
            JsonNode answer = JSON.readTree(line);
            if (answer.has("error") || answer.path("id").asInt() != number) {
                throw new AssertionError(command + " was answered " + answer);
            }
            return answer;
        } catch (AssertionError | IOException | TimeoutException failed) {
            throw new AssertionError(language + ": " + command + "; it said:\n" + said(), failed);
        }
    }

    /** What it has written for people. */
    String said() {
        try {
            return Files.readString(said);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Ends it by signal 9. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.outputWriter().close(); // the end of its input is the end of its work
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            kill();
            throw new AssertionError(language + " did not end at the end of its input; it said:\n" + said());
        }
        Files.delete(said);
    }
}
