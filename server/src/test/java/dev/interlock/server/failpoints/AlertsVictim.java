package dev.interlock.server.failpoints;

import dev.interlock.server.RunningServer;
import java.nio.file.Path;
import java.util.Map;

/** A whole server that is killed at a failpoint. Says on its output where it listens. */
final class AlertsVictim {
    static final Map<String, String> SETTINGS = Map.of("outbound-hosts", "127.0.0.1");

    private AlertsVictim() {}

    /** @param arguments the data folder */
    public static void main(String[] arguments) {
        RunningServer server = RunningServer.on(Path.of(arguments[0]), SETTINGS);
        System.out.println("listens " + server.server().port());
        System.out.flush();
    }
}
