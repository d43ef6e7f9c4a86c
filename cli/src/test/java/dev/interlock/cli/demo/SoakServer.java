package dev.interlock.cli.demo;

import dev.interlock.cli.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The server of a soak: life after life of it on one folder and one port, and how it is as a process. For one thread. */
final class SoakServer {
    private static final int LONGEST_COMMAND = 30;

    private final Path folder;
    private final int port;
    private ServerProcess life;

    SoakServer(Path folder) throws IOException {
        this.folder = folder;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        start();
    }

    /** Starts the next life, and answers after how many milliseconds it answered. */
    final long start() throws IOException {
        long began = System.nanoTime();
        life = ServerProcess.start(folder, port, "-Xmx256m", "-XX:+UseSerialGC");
        return (System.nanoTime() - began) / 1_000_000;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    String adminKey() throws IOException {
        return life.adminKey();
    }

    Path database() {
        return folder.resolve("interlock.db");
    }

    void kill() throws InterruptedException {
        life.kill();
    }

    int stop() throws InterruptedException {
        return life.stop();
    }

    /** Stops its threads, all at once, wherever they are. */
    void freeze() throws IOException, InterruptedException {
        run("kill", "-STOP", Long.toString(life.pid()));
    }

    void thaw() throws IOException, InterruptedException {
        run("kill", "-CONT", Long.toString(life.pid()));
    }

    void collectGarbage() throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        run(jcmd, Long.toString(life.pid()), "GC.run");
    }

    /** What the operating system holds of it in memory, in MiB; 0 where there is no /proc. */
    long residentMib() throws IOException {
        Path status = Path.of("/proc/" + life.pid() + "/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1_024)
                .findFirst()
                .orElse(0);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(LONGEST_COMMAND, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.format(Locale.ROOT, "%s did not end well", Arrays.toString(command)));
        }
    }
}
