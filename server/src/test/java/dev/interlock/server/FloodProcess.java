package dev.interlock.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A flood in a process of its own, which gets only the processor time that nobody else wants: so what a quiet organization
 * notices is the server's work, and not that its attacker runs on the same machine.
 */
final class FloodProcess {
    private static final String STARTED = "flooding";
    private static final String LEAST_PRIORITY = "19";

    /** In place of a port: a server of the flood's own. */
    private static final String ELSEWHERE = "elsewhere";

    private FloodProcess() {}

    /** Floods a room of the server on a port, or of one of its own, for as long as its input is open. */
    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals(ELSEWHERE)) {
            try (RunningServer server = new RunningServer(FairnessLoad.SETTINGS)) {
                flood(server.server().port(), arguments[1]);
            }
        } else {
            flood(Integer.parseInt(arguments[0]), arguments[1]);
        }
        System.exit(0);
    }

    private static void flood(int port, String room) {
        try (Floods floods = new Floods(port)) {
            floods.during(room, () -> {
                System.out.println(STARTED);
                try {
                    System.in.read();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** Has another process flood a room of the server on a port while something else is done. */
    static void during(int port, String room, Runnable other) {
        during(Integer.toString(port), room, other);
    }

    /** Has another process flood a room of another server on this machine while something else is done. */
    static void elsewhere(String room, Runnable other) {
        during(ELSEWHERE, room, other);
    }

    private static void during(String server, String room, Runnable other) {
        try {
            Process flood = new ProcessBuilder(List.of(
                            "nice",
                            "-n",
                            LEAST_PRIORITY,
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx2g",
                            "-cp",
                            System.getProperty("java.class.path"),
                            FloodProcess.class.getName(),
                            server,
                            room))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                if (!STARTED.equals(flood.inputReader().readLine())) {
                    throw new IllegalStateException("The flood did not start");
                }
                other.run();
            } finally {
                flood.getOutputStream().close();
                if (!flood.waitFor(30, TimeUnit.SECONDS)) {
                    flood.destroyForcibly().waitFor();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
