package dev.interlock.server.failpoints;

import dev.interlock.checks.Faults;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.server.RunningServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A whole server that is killed at a failpoint. Says on its output where it listens. */
final class ServerVictim {
    private static final String LISTENS = "listens ";

    private ServerVictim() {}

    /** @param arguments the data folder, and settings as {@code name=value} */
    public static void main(String[] arguments) {
        Map<String, String> settings = Arrays.stream(arguments)
                .skip(1)
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> each[1]));
        RunningServer server = RunningServer.on(Path.of(arguments[0]), settings);
        System.out.println(LISTENS + server.server().port());
        System.out.flush();
    }

    /** Starts one that dies when it comes to a place for the Nth time. */
    static Process start(Failpoint place, int visit, Path folder, Map<String, String> settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dinterlock.failpoints=" + Faults.class.getName(),
                "-Dinterlock.faults=" + place + ":" + visit,
                "-cp",
                System.getProperty("java.class.path"),
                ServerVictim.class.getName(),
                folder.toString()));
        settings.forEach((name, value) -> command.add(name + "=" + value));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Where it listens, as it says. */
    static String url(BufferedReader lines) throws IOException {
        String line = String.valueOf(lines.readLine());
        if (!line.startsWith(LISTENS)) {
            throw new IllegalStateException("The server did not start; it said: " + line);
        }
        return "http://127.0.0.1:" + line.substring(LISTENS.length());
    }
}
