package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, on the files of a folder. */
public final class ServerProcess {
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

    /** Starts one on a free port, and waits until it answers. */
    static ServerProcess start(Path folder) throws IOException {
        return start(folder, 0);
    }

    /** Starts one, and waits until it answers. */
    public static ServerProcess start(Path folder, int port, String... jvm) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm.length == 0 ? List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC") : List.of(jvm));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--port",
                Integer.toString(port),
                "--data-dir",
                folder.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
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

    /** Where it answers. */
    public String address() {
        return address;
    }

    /** The key of the installation's admin. */
    public String adminKey() throws IOException {
        return Files.readString(folder.resolve("admin-key")).strip();
    }

    /** Its number for the operating system. */
    public long pid() {
        return process.pid();
    }

    /** Ends it by signal 9. */
    public void kill() throws InterruptedException {
        boolean alive = process.isAlive();
        process.toHandle().destroyForcibly();
        int code = process.waitFor();
        if (alive) {
            assertThat(code).isEqualTo(KILLED);
        }
    }

    /** Asks it to stop, and answers with what code it ended. */
    public int stop() throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }
}
