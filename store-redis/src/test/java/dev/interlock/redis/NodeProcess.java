package dev.interlock.redis;

import dev.interlock.store.StoreUnavailableException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A {@link LoadedNode} in a process of its own, that can be killed as {@code kill -9} does. It reports on its output, hears
 * on its input, and ends with that: so it never outlives the test.
 */
final class NodeProcess implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final Thread reader;

    NodeProcess(LoadedNode.Setup setup, Consumer<String> history) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                NodeProcess.class.getName()));
        command.addAll(setup.words());
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        reader = new Thread(() -> read(history), "history of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    public static void main(String[] words) throws IOException {
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        LoadedNode node = begin(LoadedNode.Setup.of(words), out::println);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            node.command(line);
        }
        Runtime.getRuntime().halt(0);
    }

    /** Until Redis, or the database behind it, is found, as a supervisor of a process would start it again. */
    static LoadedNode begin(LoadedNode.Setup setup, Consumer<String> history) {
        while (true) {
            try {
                return new LoadedNode(setup, history);
            } catch (StoreUnavailableException away) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    void command(String line) {
        try {
            commands.write(line + "\n");
            commands.flush();
        } catch (IOException gone) {
            throw new UncheckedIOException("The process has ended", gone);
        }
    }

    /** As kill -9 does. Returns once all is heard that it reported. */
    void kill() {
        process.toHandle().destroyForcibly(); // the process' own method would close what is still to be read
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new AssertionError("A process outlives its kill");
            }
            reader.join(10_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }

    private void read(Consumer<String> history) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                history.accept(line);
            }
        } catch (IOException ended) {
            history.accept(System.nanoTime() + " unreadable " + ended.getMessage());
        }
    }
}
