package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, on a free port and the files of a folder. */
final class ServerProcess {
    private static final Pattern ADDRESS = Pattern.compile("address=\"(http://[^\"]+)\"");
    private static final int KILLED = 128 + 9;

    private final Process process;
    private final Path folder;
    private final String address;

    private ServerProcess(Process process, Path folder, String address) {
        this.process = process;
        this.folder = folder;
        this.address = address;
    }

    /** Starts one, and waits until it answers. */
    static ServerProcess start(Path folder) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "serve",
                        "--port",
                        "0",
                        "--data-dir",
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader log = process.inputReader();
        StringBuilder said = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            said.append(line).append('\n');
            Matcher found = ADDRESS.matcher(line);
            if (found.find()) {
                Thread rest = new Thread(() -> drain(log), "log-of-a-server");
                rest.setDaemon(true);
                rest.start();
                return new ServerProcess(process, folder, found.group(1));
            }
        }
        throw new AssertionError("The server ended before it was ready:\n" + said);
    }

    /** A process whose log nobody reads would stop at some point. */
    private static void drain(BufferedReader log) {
        try {
            log.transferTo(Writer.nullWriter());
        } catch (IOException ended) {
            // so has the process
        }
    }

    String address() {
        return address;
    }

    String adminKey() throws IOException {
        return Files.readString(folder.resolve("admin-key")).strip();
    }

    /** Ends it by signal 9. */
    void kill() throws InterruptedException {
        boolean alive = process.isAlive();
        process.toHandle().destroyForcibly();
        int code = process.waitFor();
        if (alive) {
            assertThat(code).isEqualTo(KILLED);
        }
    }

    /** Asks it to stop, and answers with what code it ended. */
    int stop() throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }
}
